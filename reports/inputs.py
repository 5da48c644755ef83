"""What the pages of a county, or the lists of all schools, are made of: where the digest did not change, the earlier pages stand.

Everything such a page shows must be in here: rows of the county's schools, figures of the county, words of the figures of
its city, spread of the peers, documents and cases, register, coverage, catalogue, the facts of the release and the
generator itself. Too much in it costs a page that is rendered for nothing; too little would leave a page that is wrong.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from reports.peers import Peers
from reports.site import Area, Site

FILE = ".inputs.json"  # beside a site that is rebuilt in place; a release has none
_SUFFIXES = {".py", ".html", ".css", ".js", ".po", ".csv"}


@cache
def generator() -> str:
    """Digest of the generator: its code, templates, styles and words."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in _SUFFIXES):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def frame_digest(frame: pl.DataFrame) -> str:
    """Digest of a table's rows, whatever their order."""
    if frame.is_empty():
        return "0"
    return f"{frame.height}.{frame.hash_rows(1).sum()}"


def facts_of(site: Site) -> list[object]:
    """What every page of a site is made of besides figures."""
    book = site.book
    return [
        generator(), pl.__version__, site.language.tag, site.languages, site.edition, site.release, site.watermark,
        book.school_year, book.periods, site.day, [d.slug for d in site.domains], site.counties, site.cities,
        sorted(book.current.items()), repr(book.indicators), repr(book.targets),
    ]  # fmt: skip


def digest(facts: list[object]) -> str:
    """Digest of facts."""
    return hashlib.sha256(json.dumps(facts, default=repr, sort_keys=True).encode()).hexdigest()


def register(site: Site) -> str:
    """Digest of what schools are found by: the search, its index and the lists by letter."""
    return digest([*facts_of(site), repr(list(site.schools.values()))])


class CountyInputs:
    """Digests of the counties of one site."""

    def __init__(self, site: Site, peers: Peers, pages: Mapping[str, str]) -> None:
        """Take in what all counties share.

        Args:
            site: The site.
            peers: The peers of its schools.
            pages: Where each commitment stands.
        """
        self._site = site
        book = site.book
        self._shared = [
            *facts_of(site), dict(pages), frame_digest(peers.spread), repr(book.duties.cases.get("")), repr(book.duties.of_schools),
        ]  # fmt: skip

    def of(self, area: Area) -> str:
        """Digest of one county."""
        site, book = self._site, self._site.book
        own = book.area_values.filter(pl.col("entity") == area.code)
        above = book.area_values.filter((pl.col("entity") == area.parent) & pl.col("now"))
        schools = site.by_county.get(area.code, [])
        duties = {f.name: repr(getattr(book.duties, f.name).get(area.code)) for f in dataclasses.fields(book.duties)}
        documents = {k: v for k, v in book.duties.documents.items() if k[0] == area.code}
        facts = [
            *self._shared, area, schools, [site.schools.get(s.merged_into) for s in schools],
            frame_digest(own), frame_digest(above.select("figure_id", "text", "status")),
            frame_digest(book.school_values.get(area.code, book.no_values())),
            frame_digest(book.coverage.filter(pl.col("county") == area.code)), duties, repr(documents),
        ]  # fmt: skip
        return digest(facts)


def read(previous: Path | None) -> dict[str, str]:
    """Digests that the earlier site was made with."""
    path = previous / FILE if previous else None
    if path is None or not path.is_file():
        return {}
    return {str(k): str(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}

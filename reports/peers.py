"""Schools alike: same stage, same residence (urban, town, rural), same size band; teaching points stand apart.

A school is compared with schools that face what it faces. A group counts an indicator only where at least ``LEAST`` of its
schools have a value that may be placed; the school itself is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from reports.i18n import N_
from reports.numbers import value_text
from reports.site import School, Site

LEAST = 5
TEACHING_POINT = "218"
BOUNDS = (100, 300, 600, 1200, 2000)
_KEYS = ["indicator", "stage", "residence", "band"]


@dataclass(frozen=True)
class PeerGroup:
    """Who a school is compared with: words, and how many they are."""

    words: str
    schools: int


def band(pupils: int | None) -> int | None:
    """Number of a size band, from 0."""
    return sum(pupils >= b for b in BOUNDS) if pupils else None


def _band_words(site: Site, number: int) -> str:
    if number == 0:
        return site.t(N_("不足%(n)s人")) % {"n": BOUNDS[0]}
    if number == len(BOUNDS):
        return site.t(N_("%(n)s人及以上")) % {"n": f"{BOUNDS[-1]:,}"}
    return site.t(N_("%(a)s—%(b)s人")) % {"a": f"{BOUNDS[number - 1]:,}", "b": f"{BOUNDS[number] - 1:,}"}


def _alike(school: School) -> bool:
    return school.listed and school.type != TEACHING_POINT and bool(school.residence) and bool(school.pupils)


class Peers:
    """Peer groups of all schools of a site, and what their figures spread over."""

    def __init__(self, site: Site) -> None:
        """Group the schools and take quartiles once for the site."""
        self._site = site
        self._groups: dict[tuple[str, int | None], int] = {}
        rows = []
        for s in site.schools.values():
            if _alike(s):
                key = (s.residence, band(s.pupils))
                self._groups[key] = self._groups.get(key, 0) + 1
                rows.append((s.code, *key))
        self.members = pl.DataFrame(
            rows, schema={"entity": pl.String, "residence": pl.String, "band": pl.Int64}, orient="row"
        )
        self.spread = self._spread()

    def group(self, school: School) -> PeerGroup | None:
        """Group of a school; none for teaching points and schools without residence or number of pupils."""
        number = band(school.pupils)
        if not _alike(school) or number is None:
            return None
        words = f"{self._site.residence(school.residence)}{self._site.t(N_('、'))}{_band_words(self._site, number)}"
        return PeerGroup(words, self._groups[school.residence, number])

    def _spread(self) -> pl.DataFrame:
        """``indicator, stage, residence, band`` → ends, quartiles, median with its words, and the number of schools."""
        book = self._site.book
        parts = []
        for values in book.school_values.values():
            shown = pl.col("value_text_rule").is_null() & ~pl.col("status").is_in(["suppressed", "not_reported"])
            now = values.filter(
                (pl.col("subgroup") == "all") & book.is_current() & shown & pl.col("value").is_not_null()
            )
            parts.append(now.select(pl.col("entity", "indicator", "stage"), "value"))
        empty = pl.DataFrame(
            schema={"entity": pl.String, "indicator": pl.String, "stage": pl.String, "value": pl.Float64}
        )
        value = pl.col("value")
        return (
            pl.concat([empty, *parts])
            .join(self.members, on="entity", how="inner")
            .group_by(_KEYS)
            .agg(
                peer_low=value.min(),
                peer_q1=value.quantile(0.25, "linear"),
                peer_mid=value.median(),
                peer_q3=value.quantile(0.75, "linear"),
                peer_high=value.max(),
                peers=pl.len(),
            )
            .filter(pl.col("peers") >= LEAST)
            .join(book.catalogue, on="indicator", how="left")
            # as fine as it is told: a correction elsewhere then leaves the pages of the others as they are
            .with_columns(pl.col("^peer_.*$").round(3))
            .with_columns(peer_text=value_text(pl.col("peer_mid")) + pl.col("unit_words"))
            .select(*_KEYS, "peer_low", "peer_q1", "peer_mid", "peer_q3", "peer_high", "peers", "peer_text")
        )

    def of(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Rows of school figures with the spread of their peers beside them; null where there is none."""
        return lines.join(self.members, on="entity", how="left", maintain_order="left").join(
            self.spread, on=_KEYS, how="left", maintain_order="left"
        )

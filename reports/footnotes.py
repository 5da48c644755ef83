"""Footnotes: checks that failed and were waived for a release, beside the figures they touch.

What was waived comes with the facts of the release, with the indicators that each failed check judges. A waiver touches them in its county
and in the areas above it. A figure's neighbours in time are shown with it, so the mark does not depend on the semester; the footnote names it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from reports.i18n import N_, P_

if TYPE_CHECKING:
    from reports.models import Page
    from reports.site import Site

MOST_RINGS = 4
SMALL = 10  # counts below it are not told outside


@dataclass(frozen=True)
class Footnote:
    """One waiver as a reader sees it. `codes` are the indicators it touches, `county` empty means everywhere."""

    number: int
    waiver: str
    check: str
    said: str
    faults: str
    scope: str
    reason: str
    until: str
    by: str
    approved_by: str
    evidence: str
    county: str
    codes: frozenset[str]

    @property
    def anchor(self) -> str:
        """Id of the footnote on every page that shows it."""
        return f"waiver-{self.number}"


def read(site: Site) -> list[Footnote]:
    """The footnotes of a site's release, in the order of the waivers."""
    rows = sorted(site.release.get("waivers", ()), key=lambda w: (len(w["waiver"]), w["waiver"], w["check"]))
    return [_footnote(site, n, row) for n, row in enumerate(rows, 1)]


def _footnote(site: Site, number: int, row: Mapping[str, Any]) -> Footnote:
    county = str(row.get("county") or "")
    # a check of tables that belong to no year says so by its period
    period = str(row["period"])
    when = site.period(period) if period[:1].isdigit() else site.t(N_("各学年"))
    return Footnote(
        number=number,
        waiver=str(row["waiver"]),
        check=str(row["check"]),
        said=said(site, row),
        faults=count(site, row.get("unexpected")),
        scope=f"{when}{site.t(N_('，'))}{site.name(county) if county else site.t(N_('全部区县'))}",
        reason=str(row["reason"]),
        until=str(row["until"]),
        by=str(row.get("by") or ""),
        approved_by=str(row.get("approved_by") or ""),
        evidence=str(row.get("evidence_sha256") or "")[:16],
        county=county,
        codes=frozenset(row["indicators"]),
    )


def said(site: Site, row: Mapping[str, Any]) -> str:
    """What a check demands, in the language of the site."""
    return str(row["zh"] if site.language.tag.startswith("zh") else row["en"])


def count(site: Site, faults: int | None) -> str:
    """How many faults a check found; outside, a small number of them is not told."""
    if faults is None:
        return ""
    if site.public and 0 < faults < SMALL:
        return site.t(N_("不足%(n)s处不符合")) % {"n": SMALL}
    return site.counted(P_("%(n)s处不符合"), faults)


def touching(site: Site, codes: Collection[str] | None, area: str) -> list[Footnote]:
    """Footnotes of indicators (all of them without a list) in a county, in a city with its counties, or anywhere."""
    if not site.footnotes or (codes is not None and not codes):
        return []
    inside = {area, *(c.code for c in site.counties if c.parent == area)}
    shown = site.book.current.keys() if codes is None else site.book.current.keys() & set(codes)
    return [
        n for n in site.footnotes if (not area or not n.county or n.county in inside) and not shown.isdisjoint(n.codes)
    ]


def of_page(site: Site, page: Page) -> list[Footnote]:
    """The footnotes of a page."""
    return touching(site, page.codes, page.county)


def ring(site: Site, page: Page, code: str, area: str = "", *, link: bool = True) -> Markup:
    """Marks beside the heading of a figure; without links where a script turns the heading into a button."""
    return marks(site, touching(site, [code], area or page.county), link=link) if site.footnotes else Markup("")


def marks(site: Site, notes: Sequence[Footnote], *, link: bool = True) -> Markup:
    """A numbered ring per footnote; of many only the first are drawn, and the last leads to them all."""
    word = escape(site.t(N_("豁免说明")))
    if len(notes) > MOST_RINGS:
        rest = Markup('<a class="wv" href="#waivers" aria-label="{}">…</a>').format(word) if link else Markup("…")
        return marks(site, notes[: MOST_RINGS - 1], link=link) + rest
    return Markup("").join(
        Markup('<a class="wv" href="#{}" aria-label="{}{}">{}</a>').format(n.anchor, word, n.number, n.number)
        if link
        else Markup('<span class="wv">{}</span>').format(n.number)
        for n in notes
    )

"""Release home: what the region promised, what it kept, which counties did not, what was not delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from reports.i18n import N_
from reports.models import Broken, ChangesPage, CityView, HomePage, Link, Page, TileGroup
from reports.pages import commitments, common, county, reference
from reports.pages.pledges import Pledges
from reports.site import Area, Site

GRID_COLUMNS = 10  # a heat table that still fits a screen


def _city(site: Site, area: Area) -> CityView:
    of_tiles = county.groups(site, area, "", "", judged=len(site.cities) > 1)
    schools = [s for s in site.schools.values() if s.listed and _city_of(site, s.county) == area.code]
    alone = [i for i in site.indicators if not i.item]
    judged = [i for i in alone if any(line.figure.target_text for line in common.lines(site, area.code, i))]
    worst = []
    for indicator in judged:
        lines = common.lines(site, area.code, indicator)
        bad = next((x for x in lines if x.figure.broken), None)
        if bad is not None:
            worst.append(Broken(bad, "", site.indicator_path(indicator.code)))
    return CityView(
        area=area,
        tally=common.tally(site, county.tile_statuses(of_tiles)),
        groups=of_tiles if len(site.cities) == 1 else _promised(of_tiles),
        grid=common.county_grid(site, area, judged[: GRID_COLUMNS + 4], ""),
        schools=len(schools),
        roll=common.roll(schools),
        counties=[Link(c.name, site.county_path(c.code)) for c in site.counties if c.parent == area.code],
        worst=worst,
        gates=common.gate_rows(site, area, ""),
    )


def _promised(groups: Sequence[TileGroup]) -> list[TileGroup]:
    """Where several cities share the page, only the tiles that have a target: the others stand on the pages of their domains."""
    kept = [(g, [t for t in g.tiles if any(x.figure.target_text for x in (t.line, *t.stages))]) for g in groups]
    return [replace(group, tiles=tiles) for group, tiles in kept if tiles]


def _city_of(site: Site, code: str) -> str:
    return next((c.parent for c in site.counties if c.code == code), "")


def _papers(site: Site, pledges: Pledges) -> list[tuple[Link, int, list[tuple[Markup, int]]]]:
    """Documents that bind this region, with the states of their commitments."""
    found = []
    for paper in commitments.papers(pledges):
        states = Counter(pledges.lead(rows).status for _, rows in pledges.of_paper(paper.prefix))
        if states.total() > states["not_applicable"]:
            counts = [(site.status(s), states[s]) for s in commitments.columns(states) if states[s]]
            found.append((Link(site.t(paper.title), f"commitment/{paper.slug}.html"), states.total(), counts))
    return found


def build(site: Site, pledges: Pledges, changed: ChangesPage | None = None) -> HomePage:
    """The home page; with nothing to show it says what to do next.

    Args:
        site: The site.
        pledges: The commitments.
        changed: What differs from the release before.
    """
    cities = [_city(site, area) for area in site.cities]
    lines = [x for c in cities for g in c.groups for tile in g.tiles for x in (tile.line, *tile.stages)]
    page = Page(
        title=site.t(N_("%(region)s教育监测报告")) % {"region": site.region},
        path="index.html",
        section="home",
        hidden=common.hidden(x.figure for x in lines),
    )
    empty = site.book.area_values.is_empty() and not site.book.school_values
    return HomePage(
        page,
        cities,
        [Link(c.area.name, f"#city-{c.area.code}") for c in cities] if len(cities) > 1 else [],
        _papers(site, pledges),
        common.gate_names(site),
        reference.coverage_rows(site),
        reference.silent_feeds(site),
        changed,
        empty,
    )

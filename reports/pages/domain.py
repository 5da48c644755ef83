"""Domain pages: the indicators of one domain over all counties."""

from __future__ import annotations

from collections.abc import Sequence

from reports import policy_words as w
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.i18n import N_
from reports.models import DomainPage, Grid, Link, Page
from reports.pages import common
from reports.site import Area, Site
from reports.vocabulary import Domain


def build(site: Site, domain: Domain) -> DomainPage:
    """The page of one domain."""
    root = "../"
    indicators = site.indicators_of(domain.slug)
    cities = []
    for area in site.cities:
        tiles = [common.tile(site, area.code, i) for i in indicators]
        gates = common.gate_rows(site, area, root) if domain.slug == "balance" else []
        cities.append((area, [t for t in tiles if t is not None], _grids(site, area, indicators, root), gates))
    lines = [x for _, tiles, _, _ in cities for t in tiles for x in (t.line, *t.stages)]
    page = Page(
        title=site.t(domain.name),
        path=site.domain_path(domain.slug),
        crumbs=(Link(site.t(N_("首页")), root + "index.html"), Link(site.t(domain.name))),
        section=domain.slug,
        codes=[i.code for i in indicators],
        hidden=common.hidden(x.figure for x in lines),
    )
    siblings = [Link(site.t(d.name), "" if d is domain else f"{d.slug}.html") for d in site.domains]
    return DomainPage(page, domain, cities, common.gate_names(site), siblings)


def _grids(site: Site, area: Area, indicators: Sequence[Indicator], root: str) -> list[tuple[str, Grid]]:
    """One heat table of the counties; items of the assessment in a table per gate, coefficients apart."""
    if not any(i.item for i in indicators):
        return [("", common.county_grid(site, area, indicators, root))]
    groups = [
        (site.t(N_("校际差异系数")), [i for i in indicators if i.code.endswith("_CV")]),
        *(
            (
                site.t(v.GATES[gate]),
                [i for i in indicators if w.GATE_OF.get(i.item) == gate and not i.code.endswith("_CV")],
            )
            for gate in v.GATES
        ),
        (site.t(N_("其他")), [i for i in indicators if not i.item]),
    ]
    return [(name, common.county_grid(site, area, items, root)) for name, items in groups if items]

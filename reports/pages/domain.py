"""Domain pages: the indicators of one domain over all counties."""

from __future__ import annotations

from reports.i18n import N_
from reports.models import DomainPage, Link, Page
from reports.pages import common
from reports.site import Site
from reports.vocabulary import Domain


def build(site: Site, domain: Domain) -> DomainPage:
    """The page of one domain."""
    root = "../"
    indicators = site.indicators_of(domain.slug)
    cities = []
    for area in site.cities:
        tiles = [common.tile(site, area.code, i) for i in indicators]
        grid = common.county_grid(site, area, indicators, root)
        cities.append((area, [t for t in tiles if t is not None], grid))
    lines = [x for _, tiles, _ in cities for t in tiles for x in (t.line, *t.stages)]
    page = Page(
        title=site.t(domain.name),
        path=site.domain_path(domain.slug),
        crumbs=(Link(site.t(N_("首页")), root + "index.html"), Link(site.t(domain.name))),
        section=domain.slug,
        hidden=common.hidden(x.figure for x in lines),
    )
    siblings = [Link(site.t(d.name), "" if d is domain else f"{d.slug}.html") for d in site.domains]
    return DomainPage(page, domain, cities, siblings)

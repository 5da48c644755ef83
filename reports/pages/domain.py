"""Domain pages: the indicators of one domain over all counties; the assessment's has a page for each of its gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports import policy_words as w
from reports import vocabulary as v
from reports.i18n import N_, P_
from reports.models import DomainPage, GateDoor, GateRow, Grid, Link, Page, Tile
from reports.pages import common
from reports.site import Area, DomainPart, Site
from reports.vocabulary import Domain

ROOT = "../"
GRID_COLUMNS = 12  # a heat table that still fits a screen


def build(site: Site, domain: Domain) -> Iterator[DomainPage]:
    """The pages of one domain: one, unless it is the assessment or there are many cities."""
    parts = site.domain_parts[domain.slug]
    gated = any(p.gate for p in parts)
    if gated:
        yield _doors(site, domain, parts)
    for part in parts:
        cities: list[tuple[Area, list[Tile], list[tuple[str, Grid]], list[GateRow]]] = []
        for area in part.cities:
            tiles = [common.tile(site, area.code, i) for i in part.indicators]
            cities.append((area, [t for t in tiles if t is not None], _grids(site, area, part), []))
        lines = [x for _, tiles, _, _ in cities for t in tiles for x in (t.line, *t.stages)]
        page = _page(site, domain, part, [i.code for i in part.indicators])
        page.hidden = common.hidden(x.figure for x in lines)
        yield DomainPage(
            page=page,
            domain=domain,
            about=_rule(site, part.gate) or site.t(domain.about),
            cities=cities,
            gate_names=[],
            doors=[],
            siblings=_gate_links(site, parts, part),
            parts=_city_links(site, parts, part),
        )


def _name(site: Site, part: DomainPart) -> str:
    """Words of a part of the assessment."""
    return site.t(v.GATES[part.gate]) if part.gate in v.GATES else site.t(N_("其他"))


def _rule(site: Site, gate: str) -> str:
    """What a gate demands, said as a demand: without that it reads as if it were so."""
    return site.t(N_("通过条件：%(rule)s")) % {"rule": site.t(w.GATE_ABOUT[gate])} if gate in w.GATE_ABOUT else ""


def _page(site: Site, domain: Domain, part: DomainPart | None, codes: Sequence[str]) -> Page:
    own, name = site.t(domain.name), ""
    if part is not None and part.gate:
        name = _name(site, part)
    number = f" {part.part + 1}" if part is not None and part.part else ""
    crumbs = [Link(site.t(N_("首页")), ROOT + "index.html")]
    crumbs += [Link(own, f"{domain.slug}.html"), Link(name + number)] if name else [Link(own + number)]
    return Page(
        title=(f"{own} · {name}" if name else own) + number,
        path=part.path if part is not None else site.domain_path(domain.slug),
        crumbs=crumbs,
        section=domain.slug,
        codes=codes,
    )


def _doors(site: Site, domain: Domain, parts: Sequence[DomainPart]) -> DomainPage:
    """The first page of the assessment: which gate each county has not passed, and where the figures of each gate stand."""
    doors = [
        GateDoor(
            Link(_name(site, p), p.path.rpartition("/")[2]),
            _rule(site, p.gate),
            site.counted(P_("%(n)s项指标"), len(p.indicators)),
        )
        for p in parts
        if not p.part
    ]
    codes = [i.code for i in site.indicators_of(domain.slug)]
    return DomainPage(
        page=_page(site, domain, None, codes),
        domain=domain,
        about=site.t(domain.about),
        cities=[(area, [], [], common.gate_rows(site, area, ROOT)) for area in site.cities],
        gate_names=common.gate_names(site),
        doors=doors,
        siblings=[],
        parts=[],
    )


def _gate_links(site: Site, parts: Sequence[DomainPart], here: DomainPart) -> list[Link]:
    if not here.gate:
        return []
    return [Link(_name(site, p), "" if p.gate == here.gate else p.path.rpartition("/")[2]) for p in parts if not p.part]


def _city_links(site: Site, parts: Sequence[DomainPart], here: DomainPart) -> list[Link]:
    own = [p for p in parts if p.gate == here.gate]
    if len(own) < 2:
        return []
    return [
        Link(site.t(N_("、")).join(c.name for c in p.cities), "" if p is here else p.path.rpartition("/")[2])
        for p in own
    ]


def _grids(site: Site, area: Area, part: DomainPart) -> list[tuple[str, Grid]]:
    """Heat tables of the counties, as wide as a screen; the coefficients of the resources apart. The first of several is named."""
    groups = [
        (site.t(N_("各区县")), [i for i in part.indicators if not i.code.endswith("_CV")]),
        (site.t(N_("校际差异系数")), [i for i in part.indicators if i.code.endswith("_CV")]),
    ]
    found = []
    for name, items in groups:
        tables = -(-len(items) // GRID_COLUMNS)
        for n in range(tables):
            grid = common.county_grid(
                site, area, items[n * len(items) // tables : (n + 1) * len(items) // tables], ROOT
            )
            found.append(("" if n else name, grid))
    return found

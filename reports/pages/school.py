"""School pages: where a school stands on every indicator, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from reports import periods
from reports.figures import Figure, Series, figures_of, merged_stages, series_by_entity
from reports.i18n import N_
from reports.models import Line, Link, Page, SchoolPage
from reports.pages import common
from reports.site import School, Site
from reports.vocabulary import GRADES, SEXES, STAGES, subgroup_word

BySchool = Mapping[str, Mapping[str, Sequence[Series]]]
Groups = Mapping[str, Mapping[tuple[str, str], Mapping[str, Figure]]]


def series_of_county(site: Site, values: pl.DataFrame) -> dict[str, dict[str, list[Series]]]:
    """Series of all schools of one county, from its rows."""
    return dict(series_by_entity(figures_of(values), site.book))


def groups_of_county(values: pl.DataFrame) -> dict[str, dict[tuple[str, str], dict[str, Figure]]]:
    """Subgroup figures by school, (indicator, stage) and subgroup."""
    found: dict[str, dict[tuple[str, str], dict[str, Figure]]] = {}
    for figure in figures_of(values):
        of_school = found.setdefault(figure.entity, {})
        of_school.setdefault((figure.indicator, figure.stage), {})[figure.subgroup] = figure
    return found


def school_lines(site: Site, school: School, series: Mapping[str, Sequence[Series]]) -> list[Line]:
    """Every line of a school, a single stage not repeated as compulsory."""
    found = []
    for indicator in site.indicators:
        for place, (item, aliases) in enumerate(merged_stages(series.get(indicator.code, ()))):
            county = site.areas.stage(school.county, indicator.code, item.stage)
            city = site.areas.stage(school.city, indicator.code, item.stage)
            made = common.line(
                site,
                item,
                benchmark=county.now if county else None,
                upper=city.now if city else None,
                aliases=aliases,
                minor=place > 0,
            )
            if made is not None:
                found.append(made)
    return found


def build(site: Site, schools: Sequence[School], series: BySchool, groups: Groups) -> Iterator[SchoolPage]:
    """Pages of the schools of one county, in the order given."""
    root = "../../../"
    for i, school in enumerate(schools):
        own = series.get(school.code, {})
        rows = school_lines(site, school, own)
        by_domain = [(d, [r for r in rows if r.indicator.domain == d.slug]) for d in site.domains]
        shown = sorted({f.period for items in own.values() for s in items for f in s.figures})
        past = _history(own, rows, shown)
        columns, cells = _subgroups(site, groups.get(school.code, {}), rows)
        page = Page(
            title=school.name,
            path=school.path,
            crumbs=(
                Link(site.t(N_("首页")), root + "index.html"),
                Link(site.name(school.county), "../index.html"),
                Link(school.name),
            ),
            section="schools",
            hidden=common.hidden([f for _, fs in past for f in fs] + [f for _, fs in cells for f in fs]),
        )
        successor = site.schools.get(school.merged_into) if school.merged_into else None
        yield SchoolPage(
            page=page,
            school=school,
            successor=successor,
            tally=common.tally(site, (r.figure.status for r in rows if not r.minor)),
            groups=[(d, items) for d, items in by_domain if items],
            periods=[(p, periods.short(p, site.t)) for p in shown],
            history=past,
            columns=columns,
            subgroups=cells,
            short={p: periods.short(p, site.t) for p in shown},
            before=_neighbour(schools, i - 1),
            after=_neighbour(schools, i + 1),
        )


def _neighbour(schools: Sequence[School], i: int) -> Link | None:
    if not 0 <= i < len(schools):
        return None
    return Link(schools[i].name, schools[i].path.rpartition("/")[2])


def _history(
    own: Mapping[str, Sequence[Series]], rows: Sequence[Line], shown: Sequence[str]
) -> list[tuple[Line, list[Figure | None]]]:
    found = []
    for row in rows:
        series = next(s for s in own[row.indicator.code] if s.stage == row.stage)
        at = {f.period: f for f in series.figures}
        found.append((row, [at.get(p) for p in shown]))
    return found


def _subgroups(
    site: Site, own: Mapping[tuple[str, str], Mapping[str, Figure]], rows: Sequence[Line]
) -> tuple[list[tuple[str, str]], list[tuple[Line, list[Figure | None]]]]:
    wanted = [f"grade={g}" for g in GRADES] + [f"sex={s}" for s in SEXES]
    present = {key for cells in own.values() for key in cells}
    keys = [k for k in wanted if k in present]
    found: list[tuple[Line, list[Figure | None]]] = []
    for row in rows:
        if row.minor:
            continue  # a grade belongs to one stage: the head row carries the grades of all stages
        cells: dict[str, Figure] = {}
        for stage in STAGES:
            for key, figure in own.get((row.indicator.code, stage), {}).items():
                cells.setdefault(key, figure)
        if any(k in cells for k in keys):
            found.append((row, [cells.get(k) for k in keys]))
    return [(k, subgroup_word(k, site.t)) for k in keys], found

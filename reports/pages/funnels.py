"""Funnels: which of many schools lie further from the whole than chance explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from reports import charts
from reports.catalogue import Indicator
from reports.figures import Figure, figures_of
from reports.i18n import N_
from reports.models import ChartFigure, DataTable
from reports.site import Area, Site

MORE_THAN = 20
WHOLES = ("compulsory", "all")  # unlike stages are not set against one whole
MOST_LISTED = 40
CHANCE = 0.002  # part of the units that lies beyond the 99.8 % limits by chance alone
WORTH_SAYING = 0.5  # fewer schools than that round to none


def polarity(site: Site, indicator: Indicator) -> str:
    """Which direction is good, written out: colours and arrows mean opposite things to readers."""
    return site.t(N_("数值越高越好")) if indicator.higher else site.t(N_("数值越低越好"))


def funnel(site: Site, indicator: Indicator, figures: Sequence[Figure], names: Mapping[str, str]) -> ChartFigure | None:
    """Funnel of one indicator and stage over its schools; none for exact duties, nor where the schools are few.

    Args:
        site: The site.
        indicator: An indicator.
        figures: Current figures of its schools.
        names: Names of the schools.
    """
    if not (indicator.interval and indicator.is_share):
        return None
    placed = [f for f in figures if f.plotted is not None and f.denominator and f.numerator is not None]
    if len(placed) <= MORE_THAN:
        return None
    t = site.t
    mean = sum(f.numerator or 0 for f in placed) / sum(f.denominator or 0 for f in placed)
    if not 0 < mean < 1:
        return None
    points = [
        charts.FunnelPoint(names.get(f.entity, f.entity), f.text, f.denominator or 0, f.plotted or 0) for f in placed
    ]
    points.sort(key=lambda p: (-abs(p.value - mean) * p.n**0.5, p.label))
    sides = [charts.beyond(p, mean) for p in points]
    worse, better = (-1, 1) if indicator.higher else (1, -1)
    words = {
        "name": t(indicator.short), "n": len(points), "stage": site.stage(placed[0].stage),
        "worse": sides.count(worse), "better": sides.count(better), "chance": f"{len(points) * CHANCE:.0f}",
    }  # fmt: skip
    finding = (
        t(N_("%(name)s（%(stage)s）：%(n)s所中%(worse)s所明显较差，%(better)s所明显较好，其余在99.8%%界限以内")) % words
        if any(sides)
        else t(N_("%(name)s（%(stage)s）：%(n)s所中没有学校超出99.8%%界限")) % words
    )
    note = t(N_("实线为99.8%界限，虚线为95%界限"))
    if len(points) * CHANCE >= WORTH_SAYING:
        note += t(N_("；99.8%%界限外只凭偶然波动约有%(chance)s所")) % words
    drawing = charts.funnel(
        points,
        mean,
        title=finding,
        desc=t(N_("每点一所学校，横轴为人数，纵轴为比例，横线为各校合计；三角为99.8%界限以外的学校。")),
        words=(t(N_("合计")), t(N_("分母（%(unit)s）")) % {"unit": t(indicator.counted)}),
        higher=indicator.higher,
        named=not site.public,
    )
    return ChartFigure(finding, f"{note}；{polarity(site, indicator)}", drawing, _table(site, points, sides, worse))


def _table(site: Site, points: Sequence[charts.FunnelPoint], sides: Sequence[int], worse: int) -> DataTable:
    """Schools beyond the limits by name inside; outside the counts alone, since naming them would rank them."""
    t = site.t
    words = {worse: t(N_("明显较差")), -worse: t(N_("明显较好")), 0: t(N_("在界限以内"))}
    if site.public:
        rows = [[words[s], str(sides.count(s))] for s in (worse, 0, -worse)]
        return DataTable([t(N_("与合计相比")), t(N_("学校数"))], rows)
    out = [(p, s) for p, s in zip(points, sides, strict=True) if s]
    listed = sorted(out[:MOST_LISTED], key=lambda x: x[1] != worse)
    rows = [[p.label, words[s], p.text, f"{p.n:,.0f}"] for p, s in listed]
    for side in (worse, -worse, 0):
        rest = sides.count(side) - sum(s == side for _, s in listed)
        if rest:
            rows.append([t(N_("其余%(n)s所")) % {"n": rest}, words[side], "", ""])
    return DataTable([t(N_("学校")), t(N_("与合计相比")), t(N_("数值")), t(N_("分母"))], rows)


def of_city(site: Site, indicator: Indicator, city: Area, schools: pl.DataFrame) -> ChartFigure | None:
    """Funnel over all schools of a city, of the single stage most of them have."""
    if not (indicator.interval and indicator.is_share):
        return None
    own = schools.filter((pl.col("indicator") == indicator.code) & (pl.col("city") == city.code))
    if own.is_empty():
        return None
    counted = own.group_by("stage").len().sort(-pl.col("len").cast(pl.Int64), "stage")["stage"].to_list()
    stage = next((s for s in counted if s not in WHOLES), counted[0])
    names = {s.code: s.name for s in site.schools.values()}
    return funnel(site, indicator, list(figures_of(own.filter(pl.col("stage") == stage))), names)


def across(site: Site) -> pl.DataFrame:
    """Current rows with words of all schools, of the indicators a funnel is drawn for, with the city they are in."""
    wanted = [i.code for i in site.indicators if i.interval and i.is_share and not i.detail]
    cities = {c.code: c.parent for c in site.counties}
    parts = [
        values.filter(
            pl.col("indicator").is_in(wanted) & (pl.col("subgroup") == "all") & site.book.is_current()
        ).with_columns(city=pl.lit(cities.get(county, "")))
        for county, values in sorted(site.book.school_values.items())
    ]
    if not parts:
        return site.book.worded(site.book.no_values()).with_columns(city=pl.lit(""))
    return site.book.worded(pl.concat(parts))


def of_values(site: Site, values: pl.DataFrame) -> list[ChartFigure]:
    """Funnels of all indicators judged by interval over rows with words, a stage each that carries a target or leads."""
    names = {s.code: s.name for s in site.schools.values()}
    found = []
    wanted = [i for i in site.indicators if i.interval and i.is_share and not i.detail]
    now = values.filter("now", pl.col("indicator").is_in([i.code for i in wanted]))
    parts = now.partition_by("indicator", "stage", as_dict=True)
    for indicator in wanted:
        stages = sorted(str(stage) for code, stage in parts if code == indicator.code)
        for stage in stages:
            if stage in WHOLES and len(stages) > 1:
                continue
            chart = funnel(site, indicator, list(figures_of(parts[indicator.code, stage])), names)
            if chart is not None:
                found.append(chart)
    return found

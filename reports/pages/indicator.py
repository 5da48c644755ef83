"""Indicator pages: the definition, every county compared, the course over the years, subgroups."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from reports import charts, periods
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.figures import Figure, Series
from reports.i18n import N_, P_
from reports.models import ChartFigure, DataTable, IndicatorPage, Line, Link, Page
from reports.numbers import differ, target_text
from reports.pages import common, funnels
from reports.site import Area, Site

SEVERAL = 4  # names listed in a finding before it says "等"


def comparison(site: Site, indicator: Indicator, area: Area, stage: str) -> ChartFigure | None:
    """Counties of a city side by side, city on top; none where there is one county, which would be compared with itself."""
    entities = [area, *(c for c in site.counties if c.parent == area.code)]
    rows: list[tuple[str, Figure]] = []
    whether = False
    for entity in entities:
        series = site.areas.stage(entity.code, indicator.code, stage)
        if series is not None and series.now is not None:
            figure, answers = common.answered(site, series.now)
            whether |= answers
            rows.append((entity.name, figure))
    if sum(f.level == "county" for _, f in rows) < 2:
        return None
    t = site.t
    if whether:
        return _answers(site, indicator, stage, rows)
    first = next((f for _, f in rows if f.target is not None), None)
    finding = _comparison_finding(site, indicator, rows[1:] if rows[0][1].level == "city" else rows)
    chart_rows = [charts.ChartRow(name, f.text, f.status, f.plotted, f.lower, f.upper) for name, f in rows]
    draw = charts.dots if indicator.interval else charts.bars
    drawing = draw(
        chart_rows,
        title=finding,
        desc=t(N_("每行一个区县，虚线为目标。")),
        is_share=indicator.is_share,
        target=first.target if first else None,
        target_label=common.target_label(site, first),
    )
    note = f"{site.stage(stage)}，{site.period(rows[0][1].period)}"
    if indicator.interval:
        note += t(N_("；横线为95%置信区间"))
    note += f"；{funnels.polarity(site, indicator)}"
    return ChartFigure(finding, note, drawing, common.comparison_table(site, rows, indicator))


def _answers(site: Site, indicator: Indicator, stage: str, rows: Sequence[tuple[str, Figure]]) -> ChartFigure:
    """Counties by what they answer, yes or no: words and marks, since none of them lies between 0 and 100 %."""
    t = site.t
    own = [(name, f) for name, f in rows if f.level == "county"]
    groups: dict[str, list[str]] = {}
    for name, f in sorted(own, key=lambda row: row[1].plotted != 0):
        groups.setdefault(f.text, []).append(name)
    said = t(N_("，")).join(f"{word}{len(names)}（{_names(site, names)}）" for word, names in groups.items())
    finding = site.counted(P_("%(n)s个区县：%(said)s"), len(own), said=said)
    drawing = charts.marks(
        [charts.ChartRow(name, f.text, "met" if f.plotted == 1 else f.status, f.plotted) for name, f in own],
        title=finding,
        desc=t(N_("每行一个区县，写明做到没有。")),
    )
    note = f"{site.stage(stage)}，{site.period(rows[0][1].period)}"
    return ChartFigure(finding, note, drawing, common.comparison_table(site, rows, indicator))


def _comparison_finding(site: Site, indicator: Indicator, rows: Sequence[tuple[str, Figure]]) -> str:
    t = site.t
    names = {s: [n for n, f in rows if f.status == s] for s in v.STATUSES}
    said = [
        f"{t(v.STATUSES[s].word)}{len(found)}" + (f"（{_names(site, found)}）" if s != "met" else "")
        for s, found in names.items()
        if found and s != "no_target"
    ]
    if said:
        return site.counted(P_("%(n)s个区县：%(said)s"), len(rows), said=t(N_("，")).join(said))
    return _extremes(site, rows) or t(indicator.name)


def _extremes(site: Site, rows: Sequence[tuple[str, Figure]]) -> str:
    """Lowest and highest by name; where a test does not tell even these apart, that nothing can be."""
    t = site.t
    placed = sorted(((f.plotted, name, f) for name, f in rows if f.plotted is not None), key=lambda p: p[:2])
    if not placed:
        return ""
    (_, lowest, low), (_, highest, high) = placed[0], placed[-1]
    if low.text == high.text:
        return t(N_("各组相同：%(value)s")) % {"value": low.text}
    if low.lower is not None or high.lower is not None:
        counts = (low.numerator, low.denominator, high.numerator, high.denominator)
        a, n, b, m = (x or 0.0 for x in counts)
        apart = differ(a, n, b, m) if n and m and None not in counts else None
        if not apart:
            message = (
                N_("各组%(low)s至%(high)s，人数太少，不检验")
                if apart is None
                else N_("各组差异不显著：%(low)s至%(high)s")
            )
            return t(message) % {"low": low.text, "high": high.text}
    words = {"lowest": lowest, "low": low.text, "highest": highest, "high": high.text}
    return t(N_("最低%(lowest)s %(low)s，最高%(highest)s %(high)s")) % words


def _names(site: Site, names: Sequence[str]) -> str:
    listed = site.t(N_("、")).join(names[:SEVERAL])
    return listed + (site.t(N_("等")) if len(names) > SEVERAL else "")


def course(site: Site, indicator: Indicator, area: Area) -> ChartFigure | None:
    """Stages of a city over the periods."""
    found = [s for s in site.areas.of(area.code).get(indicator.code, ()) if s.figures]
    shown = sorted({f.period for s in found for f in s.figures})
    if len(shown) < 2:
        return None
    t = site.t
    series = [_chart_series(site, s, shown) for s in found[:4]]
    head = found[0]
    finding = _course_finding(site, indicator, head)
    target = head.now.target if head.now else None
    drawing = charts.timeline(
        [periods.short(p, t) for p in shown],
        series,
        title=finding,
        desc=t(N_("横轴为学期或学年，纵轴为数值；不足五期只画点，不连线。")),
        is_share=indicator.is_share,
        target=target,
        target_label=common.target_label(site, head.now),
        breaks=_breaks(found, shown),
        break_label=t(N_("口径变更")),
    )
    table = DataTable(
        [t(N_("时间")), *(site.stage(s.stage) for s in found)],
        [[site.period(p), *(_at(s, p) for s in found)] for p in shown],
    )
    return ChartFigure(finding, t(N_("%(area)s历次数值，分学段")) % {"area": area.name}, drawing, table)


def _breaks(series: Sequence[Series], shown: Sequence[str]) -> list[int]:
    """Periods whose figures are made by another method than those of the period before."""
    method = {f.period: f.method for s in series for f in s.figures}
    return [i for i in range(1, len(shown)) if method[shown[i]] != method[shown[i - 1]]]


def _at(series: Series, period: str) -> str:
    return next((f.text for f in series.figures if f.period == period), "")


def _chart_series(site: Site, series: Series, shown: Sequence[str]) -> charts.ChartSeries:
    at = {f.period: f for f in series.figures}
    cells = [at.get(p) for p in shown]
    return charts.ChartSeries(
        site.stage(series.stage),
        [f.plotted if f else None for f in cells],
        [f.text if f else "" for f in cells],
        [bool(f and f.status == "suppressed") for f in cells],
    )


def _course_finding(site: Site, indicator: Indicator, head: Series) -> str:
    t = site.t
    now = head.now
    stage = site.stage(head.stage)
    if now is None or now.plotted is None:
        return t(N_("%(name)s历次数值")) % {"name": t(indicator.short)}
    before = _at(head, periods.year_before(now.period))
    if not before or not now.change:
        return f"{stage}：{now.text}"
    return t(N_("%(stage)s：%(now)s，上年同期%(before)s")) % {
        "stage": stage, "now": now.text, "before": before,
    }  # fmt: skip


def _subgroup_chart(site: Site, indicator: Indicator, area: Area, kind: str) -> ChartFigure | None:
    """Subgroups of the headline stage; grades are taken from all stages, each grade once."""
    figures: list[tuple[str, Figure]] = []
    seen: set[str] = set()
    for series in site.areas.of(area.code).get(indicator.code, ()):
        for figure in site.areas.groups(area.code, indicator.code, series.stage, kind):
            if figure.subgroup in seen:
                continue
            seen.add(figure.subgroup)
            figures.append((v.subgroup_word(figure.subgroup, site.t), figure))
    if len(figures) < 2:
        return None
    t = site.t
    if not any(f.plotted is not None for _, f in figures):
        return None
    finding = _extremes(site, figures)
    titles = {"grade": N_("分年级"), "sex": N_("分性别"), "residence": N_("分城乡")}
    draw = charts.dots if indicator.interval else charts.bars
    targets = {f.target for _, f in figures}
    first = figures[0][1] if len(targets) == 1 else None
    drawing = draw(
        [charts.ChartRow(n, f.text, f.status, f.plotted, f.lower, f.upper) for n, f in figures],
        title=finding,
        desc=t(titles[kind]),
        is_share=indicator.is_share,
        target=first.target if first else None,
        target_label=common.target_label(site, first),
    )
    note = f"{area.name}，{t(titles[kind])}，{site.period(figures[0][1].period)}"
    return ChartFigure(finding, note, drawing, common.comparison_table(site, figures, indicator))


def _charts(site: Site, indicator: Indicator, area: Area, schools: pl.DataFrame) -> list[ChartFigure]:
    found: list[ChartFigure | None] = []
    stages = [s.stage for s in site.areas.of(area.code).get(indicator.code, ())]
    if not stages:  # what counties answer one by one has no figure of the city
        own = (s for c in site.counties if c.parent == area.code for s in site.areas.of(c.code).get(indicator.code, ()))
        stages = sorted({s.stage for s in own}, key=lambda s: v.STAGE_ORDER.get(s, 9))
    # one comparison per stage that carries a target; else the headline stage alone
    judged = [
        s
        for s in stages
        if (x := site.areas.stage(area.code, indicator.code, s)) and x.now and x.now.target is not None
    ]
    for stage in judged if judged and stages[0] not in judged else stages[:1]:
        found.append(comparison(site, indicator, area, stage))
    found.append(funnels.of_city(site, indicator, area, schools))
    found.append(course(site, indicator, area))
    found.extend(_subgroup_chart(site, indicator, area, kind) for kind in ("grade", "residence", "sex"))
    return [c for c in found if c is not None]


def _beside(site: Site, indicator: Indicator) -> Sequence[Indicator]:
    """The indicators of the same domain; in the assessment, which has sixty, those of the same gate."""
    parts = site.domain_parts.get(indicator.domain, ())
    return next((p.indicators for p in parts if indicator in p.indicators), ())


def build(site: Site, indicator: Indicator, schools: pl.DataFrame) -> IndicatorPage:
    """The page of one indicator.

    Args:
        site: The site.
        indicator: The indicator.
        schools: Rows that funnels are drawn of (``funnels.across``).
    """
    root = "../"
    domain = v.DOMAINS[indicator.domain]
    city_lines = [(c, common.lines(site, c.code, indicator)) for c in site.cities]
    county_rows: list[tuple[Area, Sequence[Line]]] = [
        (c, common.lines(site, c.code, indicator, c.parent)) for c in site.counties
    ]
    page = Page(
        title=site.t(indicator.name),
        path=site.indicator_path(indicator.code),
        crumbs=(
            Link(site.t(N_("首页")), root + "index.html"),
            Link(site.t(domain.name), root + site.domain_path(domain.slug)),
            Link(site.t(indicator.name)),
        ),
        section=domain.slug,
        codes=(indicator.code,),
        hidden=common.hidden(x.figure for _, xs in [*city_lines, *county_rows] for x in xs),
    )
    return IndicatorPage(
        page=page,
        indicator=indicator,
        domain=domain,
        period=site.period(site.book.current.get(indicator.code, "")),
        city_lines=[(c, x) for c, x in city_lines if x],
        charts=[(c, drawn) for c in site.cities if (drawn := _charts(site, indicator, c, schools))],
        county_rows=[(c, x) for c, x in county_rows if x],
        siblings=[
            Link(site.t(i.short), "" if i is indicator else root + site.indicator_path(i.code))
            for i in _beside(site, indicator)
        ],
        told={
            column
            for column in ("counts", "target_text", "gap", "change")
            for _, xs in [*city_lines, *county_rows]
            for x in xs
            if getattr(x.figure, column)
        },
        targets=[
            (t, target_text(t.value, t.operator, is_share=indicator.is_share, digits=indicator.digits))
            for t in site.targets
            if t.indicator == indicator.code and t.value is not None
        ],
        gap_unit=site.t(N_("个百分点")) if indicator.is_share else site.t(indicator.unit),
    )

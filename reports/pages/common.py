"""Lines, tiles, tallies and grids that several kinds of page share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from reports import charts
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.charts import svg
from reports.figures import Figure, Series, change, shortfall
from reports.i18n import N_
from reports.models import DataTable, Grid, GridCell, Line, Link, Tally, Tile
from reports.site import Area, Site


def line(
    site: Site,
    series: Series,
    *,
    benchmark: Figure | None = None,
    upper: Figure | None = None,
    aliases: Sequence[str] = (),
    drawn: bool = True,
    minor: bool = False,
) -> Line | None:
    """One printable line from a series; None where nothing is known of the current period."""
    figure = series.now
    if figure is None:
        return None
    indicator = series.indicator
    difference = change(series, site.t)
    hidden = [f.status == "suppressed" or bool(f.rule) for f in series.figures]
    place = benchmark.plotted if benchmark else None
    reach = max(figure.plotted or 0, figure.target or 0, place or 0, 1e-9)
    high = 1.0 if indicator.is_share else svg.nice_ceiling(reach)
    return Line(
        indicator=indicator,
        stage=series.stage,
        figure=figure,
        aliases=aliases,
        target=site.target(figure),
        status=site.status(figure.status),
        change=difference.text if difference else "",
        change_words=difference.words if difference else "",
        benchmark=benchmark.text if benchmark else "",
        upper_benchmark=upper.text if upper else "",
        shortfall=shortfall(figure, indicator, site.t),
        minor=minor,
        spark=charts.spark([f.plotted for f in series.figures], hidden)
        if drawn and not minor
        else Markup(""),
        bullet=charts.bullet(figure.plotted, figure.status, figure.target, place, high)
        if drawn and not minor
        else Markup(""),
    )


def lines(
    site: Site, entity: str, indicator: Indicator, above: str = "", *, drawn: bool = True
) -> list[Line]:
    """Lines of all stages of an indicator at an area, headline first, each with its benchmark."""
    found = []
    for series in site.areas.of(entity).get(indicator.code, ()):
        upper = site.areas.stage(above, indicator.code, series.stage) if above else None
        made = line(site, series, benchmark=upper.now if upper else None, drawn=drawn)
        if made is not None:
            found.append(made)
    return found


def tile(site: Site, entity: str, indicator: Indicator, above: str = "") -> Tile | None:
    """Headline tile of an indicator at an area."""
    found = lines(site, entity, indicator, above)
    if not found:
        return None
    return Tile(found[0], found[1:], site.name(above) if above else "")


def tally(site: Site, statuses: Iterable[str]) -> Tally:
    """Counts of states in the order of the status words, all states printed."""
    counts = Counter(statuses)
    order = sorted(counts, key=lambda c: v.status_of(c).order)
    parts = [(site.status(code), counts[code], v.status_of(code).icon) for code in order]
    return Tally(sum(counts.values()), parts)


def worst_status(items: Sequence[Line]) -> str:
    """State of an indicator over its stages: a promise missed at any stage is not kept."""
    found = {i.figure.status for i in items}
    ranked = ("not_met", "not_reported", "under_review", "not_distinguishable", "met", "waived")
    return next((code for code in ranked if code in found), items[0].figure.status)


def grid_cell(items: Sequence[Line], href: str) -> GridCell | None:
    """Cell of a heat table: value of the headline stage, state over all stages."""
    if not items:
        return None
    head = items[0].figure
    status = v.status_of(worst_status(items))
    text = head.text.removesuffix(items[0].indicator.unit)  # the head names the unit
    return GridCell(text, status.icon, status.word, f"{href}#{head.id}")


def county_grid(site: Site, city: Area, indicators: Sequence[Indicator], root: str) -> Grid:
    """Counties of a city by indicators."""
    rows = []
    for county in site.counties:
        if county.parent != city.code:
            continue
        path = root + site.county_path(county.code)
        cells = [grid_cell(lines(site, county.code, i, drawn=False), path) for i in indicators]
        rows.append((Link(county.name, path), cells))
    head = [(i, root + site.indicator_path(i.code)) for i in indicators]
    return Grid(head, rows)


def comparison_table(site: Site, rows: Sequence[tuple[str, Figure]], indicator: Indicator) -> DataTable:
    """Table beside a comparison chart."""
    t = site.t
    head = [t(N_("名称")), t(N_("数值")), t(N_("分子 / 分母")), t(N_("判定"))]
    if indicator.interval:
        head.insert(2, t(N_("95%置信区间")))
    body = []
    for name, f in rows:
        cells = [name, f.text, f.counts or "", t(v.status_of(f.status).word)]
        if indicator.interval:
            cells.insert(2, f.interval or "")
        body.append(cells)
    return DataTable(head, body)


def hidden(figures: Iterable[Figure | None]) -> int:
    """How many cells of a page are hidden."""
    return sum(1 for f in figures if f is not None and f.status == "suppressed")


def target_label(site: Site, figure: Figure | None) -> str:
    """Words at a target line."""
    if figure is None or figure.target is None:
        return ""
    return site.t(N_("目标")) + site.target(figure)

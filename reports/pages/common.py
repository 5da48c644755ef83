"""Lines, tiles, tallies and grids that several kinds of page share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from reports import trends
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.figures import Figure, shortfall
from reports.i18n import N_, P_
from reports.models import DataTable, GateRow, Grid, GridCell, Line, Link, Roll, Tally, Tile
from reports.short_names import SHORT_NAMES
from reports.site import Area, School, Site


def lines(site: Site, entity: str, indicator: Indicator, above: str = "") -> list[Line]:
    """Lines of all stages of an indicator at an area, headline first, each with its benchmark.

    A city of one county is that county: there is nothing to compare with.
    """
    alone = sum(c.parent == above for c in site.counties) < 2
    found = []
    for series in site.areas.of(entity).get(indicator.code, ()):
        if series.now is None:
            continue
        figure, whether = answered(site, series.now)  # one county has passed or not: neither a percentage nor a course
        upper = site.areas.stage(above, indicator.code, series.stage) if above and not alone else None
        found.append(
            Line(
                indicator=indicator,
                stage=series.stage,
                figure=figure,
                status=site.status(figure.status),
                benchmark=upper.now.text if upper and upper.now else "",
                shortfall="" if whether else shortfall(figure, indicator, site.language),
                trend="" if whether else trends.words(series, indicator, site.t),
                spark=Markup("" if whether else series.spark),  # noqa: S704 - drawn from numbers by charts.sparks
            )
        )
    return found


def _answer(site: Site, figure: Figure) -> str:
    """The words of what is done or not at one place, which no percentage tells; nothing where it is no such figure."""
    if figure.denominator != 1 or figure.plotted not in (0, 1):
        return ""
    indicator, done = site.book.indicators[figure.indicator], bool(figure.plotted)
    if indicator.code in v.CERTIFICATIONS:
        return site.t(N_("通过") if done else N_("尚未通过"))
    if indicator.by_document:
        return site.t(evidence_words(indicator.code, "met" if done else "not_met"))
    if indicator.is_share and indicator.counted == v.COUNTED["county"]:
        return site.t(N_("符合") if done else N_("不符合"))
    return ""


def evidence_words(item: str, state: str) -> str:
    """How a duty that a document shows stands: done or not, and of a veto whether what it forbids has happened."""
    veto = item.startswith("V")
    return {
        "met": N_("无此情形") if veto else N_("已落实"),
        "not_met": N_("有此情形") if veto else N_("未落实"),
        "not_reported": N_("没有佐证"),
    }.get(state, "")


def answered(site: Site, figure: Figure) -> tuple[Figure, bool]:
    """The figure, in words where it says yes or no; and whether it does."""
    words = _answer(site, figure)
    return (
        (replace(figure, text=words, counts=None, gap=None, change="", change_words=""), True)
        if words
        else (figure, False)
    )


def sources(site: Site, figure: Figure, indicator: Indicator) -> list[str]:
    """Where a figure comes from: its feeds, and how many of the schools expected delivered them."""
    counties = {figure.entity, *(c.code for c in site.counties if c.parent == figure.entity)}
    found = []
    for feed in v.FEEDS:
        if feed not in indicator.feeds:
            continue
        rows = [
            (received, expected)
            for period, county, received, expected in site.received.get(feed, ())
            if county in counties and figure.period.startswith(period)
        ]
        name, received, expected = site.t(v.FEEDS[feed]), sum(r for r, _ in rows), sum(e for _, e in rows)
        message = P_("%(feed)s（已报%(a)s所/应报%(n)s所）")
        if feed == v.FEED_OF_COUNTIES:
            message = P_("%(feed)s（已报%(a)s个/应报%(n)s个区县）")
        told = site.counted(message, expected, feed=name, a=received)
        found.append(told if expected else name)
    return found


def tile(site: Site, entity: str, indicator: Indicator, above: str = "") -> Tile | None:
    """Headline tile of an indicator at an area."""
    found = lines(site, entity, indicator, above)
    if not found:
        return None
    return Tile(found[0], found[1:], site.name(above) if above else "", sources(site, found[0].figure, indicator))


def tally(site: Site, statuses: Iterable[str] | Mapping[str, int]) -> Tally:
    """Counts of states in the order of the status words, all states printed."""
    counts = Counter(statuses)  # a mapping of counts is taken as it is
    order = sorted(counts, key=lambda c: v.status_of(c).order)
    parts = [(site.status(code), counts[code], v.status_of(code).icon) for code in order]
    return Tally(sum(counts.values()), parts)


def roll(schools: Iterable[School]) -> Roll:
    """Pupils on roll of schools."""
    found = [s.pupils for s in schools]
    known = [n for n in found if n]
    return Roll(sum(known), len(known), found.count(None), found.count(0))


def worst_status(items: Sequence[Line]) -> str:
    """State of an indicator over its stages: a promise missed at any stage is not kept."""
    found = {i.figure.status for i in items}
    ranked = ("not_met", "not_reported", "under_review", "not_distinguishable", "met", "waived")
    return next((code for code in ranked if code in found), items[0].figure.status)


def grid_cell(site: Site, items: Sequence[Line], href: str) -> GridCell | None:
    """Cell of a heat table: the worst stage of an indicator, named where it is not the headline one."""
    if not items:
        return None
    state = worst_status(items)
    shown = next(x for x in items if x.figure.status == state)
    status = v.status_of(state)
    text = shown.figure.text.removesuffix(site.t(shown.indicator.unit)).rstrip()  # the head names the unit
    stage = "" if shown is items[0] else site.stage(shown.stage)
    return GridCell(text, status.icon, status.word, f"{href}#{shown.figure.id}", stage)


def county_grid(site: Site, city: Area, indicators: Sequence[Indicator], root: str) -> Grid:
    """Counties of a city by indicators."""
    rows = []
    for county in site.counties:
        if county.parent != city.code:
            continue
        path = root + site.county_path(county.code)
        cells = [
            grid_cell(
                site,
                lines(site, county.code, i),
                root + site.county_indicator_path(county.code, i) if i.item or i.detail else path,
            )
            for i in indicators
        ]
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
    return site.t(N_("目标")) + figure.target_text


def _item_name(site: Site, item: str) -> str:
    """What an item of the assessment is about, in few characters; nothing for one that is not known."""
    return site.t(SHORT_NAMES[item]) if item in SHORT_NAMES else ""


def gate_rows(site: Site, city: Area, root: str) -> list[GateRow]:
    """Counties of a city by the gates of the assessment: icon, status word, what is missing."""
    rows: list[GateRow] = []
    for county in site.counties:
        verdict = site.book.duties.verdict.get(county.code)
        if county.parent != city.code or not verdict:
            continue
        cells = []
        for code in ("overall", *v.GATES):
            gate = verdict.get(code)
            status = v.status_of(gate.status if gate else "not_reported")
            said = ""
            if gate is not None and code != "overall":
                said = site.t(N_("、")).join(f"{item} {_item_name(site, item)}".strip() for item in gate.lacking)
            if gate is not None and code == "resources" and gate.schools_failing:
                words = site.counted(P_("%(n)s所学校"), gate.schools_failing)
                said = site.t(N_("、")).join(filter(None, (said, words)))
            cells.append((status.icon, status.word, said))
        rows.append((Link(county.name, root + site.county_page_path(county.code, "balance")), cells))
    return rows


def gate_names(site: Site) -> list[str]:
    """Heads of the columns of `gate_rows`."""
    return [site.t(N_("结论")), *(site.t(name) for name in v.GATES.values())]

"""Figures: one published number with its words, and the look-ups pages take them from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from reports import numbers, periods
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.i18n import N_, Gettext
from reports.tables import Controlled

FIELDS = (
    "figure_id", "indicator", "period", "level", "entity", "stage", "subgroup", "status",
    "numerator", "denominator", "value", "lower_95", "upper_95", "target", "target_id",
    "value_text_rule", "text", "counts", "gap", "interval",
)  # fmt: skip


@dataclass(slots=True)
class Figure:
    """One cell of indicator_values, with the words of the one formatter."""

    id: str
    indicator: str
    period: str
    level: str
    entity: str
    stage: str
    subgroup: str
    status: str
    numerator: float | None
    denominator: float | None
    value: float | None
    lower: float | None
    upper: float | None
    target: float | None
    target_id: str
    rule: str | None
    text: str
    counts: str | None
    gap: str | None
    interval: str | None

    @property
    def plotted(self) -> float | None:
        """Value a chart may place: none for hidden cells and for tails (≤5 % has no exact place)."""
        return None if self.rule or self.status in ("suppressed", "not_reported") else self.value

    @property
    def broken(self) -> bool:
        """A promise not kept, or not shown to be kept."""
        return self.status in ("not_met", "not_reported") and (self.target is not None)


def figures_of(frame: pl.DataFrame) -> Iterator[Figure]:
    """Rows of a text-bearing frame as figures, in the frame's order."""
    return (Figure(*row) for row in frame.select(FIELDS).iter_rows())


@dataclass(slots=True)
class Series:
    """One indicator of one entity and stage: its figures in order of time."""

    indicator: Indicator
    stage: str
    figures: list[Figure]
    now: Figure | None

    @property
    def earlier(self) -> Figure | None:
        """The comparable figure one school year before."""
        if self.now is None:
            return None
        wanted = periods.year_before(self.now.period)
        return next((f for f in self.figures if f.period == wanted), None)


def series_by_entity(
    figures: Iterable[Figure], book: Controlled
) -> Iterator[tuple[str, dict[str, list[Series]]]]:
    """Group figures sorted by (entity, indicator, stage, period) into series by entity and indicator.

    Stages of an indicator come headline first.
    """
    for entity, rows in groupby(figures, key=lambda f: f.entity):
        found: dict[str, list[Series]] = {}
        for (code, stage), group in groupby(rows, key=lambda f: (f.indicator, f.stage)):
            items = list(group)
            current = book.current.get(code)
            last = items[-1] if items[-1].period == current else None
            found.setdefault(code, []).append(Series(book.indicators[code], stage, items, last))
        for items_of in found.values():
            items_of.sort(key=lambda s: v.STAGE_ORDER.get(s.stage, 9))
        yield entity, found


def merged_stages(series: Sequence[Series]) -> list[tuple[Series, list[str]]]:
    """Drop the compulsory row where it only repeats the single stage of a school.

    Returns:
        Rows to show, each with the figure ids of the rows it stands for as well.
    """
    rows: list[tuple[Series, list[str]]] = []
    if len(series) == 2 and series[0].stage == "compulsory" and series[0].now and series[1].now:
        whole, part = series[0].now, series[1].now
        same = (whole.text, whole.counts, whole.status) == (part.text, part.counts, part.status)
        if same or (whole.target is None and (whole.text, whole.counts) == (part.text, part.counts)):
            return [(series[1], [whole.id])]
    rows.extend((s, []) for s in series)
    return rows


@dataclass(frozen=True)
class Change:
    """Difference to the comparable period, with its polarity in words."""

    text: str
    words: str


def change(series: Series, t: Gettext) -> Change | None:
    """Compare with the same period one year before; None where one of both cannot be shown exactly."""
    now, before = series.now, series.earlier
    if now is None or before is None or now.plotted is None or before.plotted is None:
        return None
    indicator = series.indicator
    delta = now.plotted - before.plotted
    text = numbers.points(delta, is_share=indicator.is_share)
    if text.startswith("±"):
        return Change(text, t(N_("持平")))
    if indicator.interval and not _distinct(now, before):
        return Change(text, t(N_("差异不显著")))
    better = (delta > 0) == indicator.higher
    return Change(text, t(N_("变好")) if better else t(N_("变差")))


def _distinct(a: Figure, b: Figure) -> bool:
    """Two-proportion z test at 95 %: may two years be called different?"""
    if None in (a.numerator, a.denominator, b.numerator, b.denominator):
        return False
    n1, n2 = a.denominator or 0.0, b.denominator or 0.0
    if not n1 or not n2:
        return False
    pooled = ((a.numerator or 0.0) + (b.numerator or 0.0)) / (n1 + n2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return spread > 0 and abs((a.value or 0.0) - (b.value or 0.0)) / spread >= 1.96


def shortfall(figure: Figure, indicator: Indicator, t: Gettext) -> str:
    """How many more pupils (canteens, inspections) would keep the promise: ``还差1,234人``."""
    if figure.status != "not_met" or not indicator.is_share or not indicator.higher:
        return ""
    if figure.target is None or figure.numerator is None or figure.denominator is None or figure.rule:
        return ""
    missing = math.ceil(figure.target * figure.denominator - figure.numerator - 1e-9)
    if missing <= 0:
        return ""
    return t(N_("还差%(n)s%(unit)s")) % {"n": numbers.integer(missing), "unit": t(indicator.counted)}


class AreaBook:
    """Figures of counties and cities, looked up by entity."""

    def __init__(self, book: Controlled) -> None:
        """Index the area rows once: series of all pupils, and subgroups of the current period."""
        frame = book.area_values
        everyone = frame.filter(pl.col("subgroup") == "all")
        self._series: dict[str, dict[str, list[Series]]] = dict(series_by_entity(figures_of(everyone), book))
        self._groups: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
        for figure in figures_of(frame.filter(pl.col("subgroup") != "all")):
            self._groups[figure.entity, figure.indicator, figure.stage].append(figure)
        levels = everyone.select("entity", "level").unique()
        self.level: dict[str, str] = dict(levels.iter_rows())

    def of(self, entity: str) -> dict[str, list[Series]]:
        """All series of an entity by indicator."""
        return self._series.get(entity, {})

    def headline(self, entity: str, indicator: str) -> Series | None:
        """Series of the headline stage (compulsory where there is one)."""
        series = self.of(entity).get(indicator)
        return series[0] if series else None

    def stage(self, entity: str, indicator: str, stage: str) -> Series | None:
        """Series of one stage."""
        return next((s for s in self.of(entity).get(indicator, ()) if s.stage == stage), None)

    def groups(self, entity: str, indicator: str, stage: str, kind: str) -> list[Figure]:
        """Current figures of one kind of subgroup (``grade``, ``sex``, ``residence``), in natural order."""
        rows = self._groups.get((entity, indicator, stage), [])
        order = {"grade": list(v.GRADES), "sex": list(v.SEXES), "residence": list(v.RESIDENCES)}[kind]
        of_kind = [f for f in rows if f.subgroup.startswith(kind + "=")]
        return sorted(
            of_kind, key=lambda f: order.index(k) if (k := f.subgroup.partition("=")[2]) in order else 99
        )

"""Figures: one published number with its words, and the look-ups pages take them from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, starmap

import polars as pl

from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.i18n import N_, Language
from reports.numbers import APPROX
from reports.tables import Controlled

FIELDS = (
    "figure_id", "indicator", "period", "level", "entity", "stage", "subgroup", "status",
    "numerator", "denominator", "plotted", "lower_95", "upper_95", "target", "value_text_rule",
    "text", "counts", "gap", "interval", "target_text", "change", "change_words", "method",
)  # fmt: skip


ONLY_STATES = ("not_reported", "suppressed")  # their text is the word of the state


@dataclass(slots=True)
class Figure:
    """One cell of indicator_values, with the words of the one formatter.

    ``plotted`` is the value a chart may place: none for hidden cells and tails.
    """

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
    plotted: float | None
    lower: float | None
    upper: float | None
    target: float | None
    rule: str | None
    text: str
    counts: str | None
    gap: str | None
    interval: str | None
    target_text: str
    change: str
    change_words: str
    method: str

    @property
    def only_state(self) -> bool:
        """The text is no more than the word of its state: it is not said twice."""
        return self.status in ONLY_STATES and self.rule is None

    @property
    def broken(self) -> bool:
        """A promise not kept, or not shown to be kept."""
        return self.target is not None and self.status in ("not_met", "not_reported")


def figures_of(frame: pl.DataFrame) -> Iterator[Figure]:
    """Rows of a text-bearing frame as figures, in the frame's order."""
    return starmap(Figure, frame.select(FIELDS).iter_rows())


@dataclass(slots=True)
class Series:
    """One indicator of one place and stage: its figures in order of time."""

    indicator: Indicator
    stage: str
    figures: list[Figure]
    now: Figure | None
    spark: str


def series_by_entity(
    figures: Iterable[Figure], book: Controlled, sparks: dict[tuple[str, str, str], str]
) -> Iterator[tuple[str, dict[str, list[Series]]]]:
    """Group figures sorted by (entity, indicator, stage, period) into series by entity and indicator.

    Stages of an indicator come headline first.
    """
    for entity, rows in groupby(figures, key=lambda f: f.entity):
        found: dict[str, list[Series]] = {}
        for (code, stage), group in groupby(rows, key=lambda f: (f.indicator, f.stage)):
            items = list(group)
            last = items[-1] if items[-1].period == book.current.get(code) else None
            drawing = sparks.get((entity, code, stage), "")
            found.setdefault(code, []).append(Series(book.indicators[code], stage, items, last, drawing))
        for items_of in found.values():
            items_of.sort(key=lambda s: v.STAGE_ORDER.get(s.stage, 9))
        yield entity, found


def shortfall(figure: Figure, indicator: Indicator, language: Language) -> str:
    """How many more pupils (canteens, inspections) would keep the promise: ``还差1,234人``."""
    if figure.status != "not_met" or not indicator.is_share or not indicator.higher or figure.rule:
        return ""
    if figure.target is None or figure.numerator is None or figure.denominator is None:
        return ""
    missing = math.ceil(figure.target * figure.denominator - figure.numerator - 1e-9)
    if missing <= 0:
        return ""
    about = APPROX if figure.counts and figure.counts.startswith(APPROX) else ""
    unit = language.counted(indicator.counted, missing)
    return language.gettext(N_("还差%(n)s%(unit)s")) % {"n": f"{about}{missing:,}", "unit": unit}


class AreaBook:
    """Figures of counties and cities, looked up by entity."""

    def __init__(self, book: Controlled) -> None:
        """Index the area rows once: series of all pupils, and subgroups of the current period."""
        frame = book.area_values
        everyone = frame.filter(pl.col("subgroup") == "all")
        sparks = {(e, i, s): drawing for e, i, s, drawing in book.area_sparks.iter_rows()}
        self._series = dict(series_by_entity(figures_of(everyone), book, sparks))
        self._groups: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
        for figure in figures_of(frame.filter(pl.col("subgroup") != "all")):
            self._groups[figure.entity, figure.indicator, figure.stage].append(figure)
        self.level: dict[str, str] = dict(everyone.select("entity", "level").unique().iter_rows())

    def of(self, entity: str) -> dict[str, list[Series]]:
        """All series of an entity by indicator."""
        return self._series.get(entity, {})

    def stage(self, entity: str, indicator: str, stage: str) -> Series | None:
        """Series of one stage."""
        return next((s for s in self.of(entity).get(indicator, ()) if s.stage == stage), None)

    def groups(self, entity: str, indicator: str, stage: str, kind: str) -> list[Figure]:
        """Current figures of one kind of subgroup (``grade``, ``sex``, ``residence``), in natural order."""
        order = {"grade": list(v.GRADES), "sex": list(v.SEXES), "residence": list(v.RESIDENCES)}[kind]
        place = {f"{kind}={key}": i for i, key in enumerate(order)}
        rows = self._groups.get((entity, indicator, stage), [])
        of_kind = [f for f in rows if f.subgroup.startswith(kind + "=")]
        return sorted(of_kind, key=lambda f: place.get(f.subgroup, 99))

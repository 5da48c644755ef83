"""Which schools are to be visited first, and why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl

from reports import figures
from reports.catalogue import unlisted
from reports.pages import county
from reports.site import School


def a_school(code: str) -> School:
    return School(code, f"第{code}小学", "411302", "411300", "primary", "town", 1, 54, False, "", "", "", True, ())


def a_figure(school: str, indicator: str, value: float, counts: str) -> figures.Figure:
    known: dict[str, Any] = {
        "figure_id": f"{indicator}.{school}", "indicator": indicator, "period": "2024-2025", "level": "school",
        "entity": school, "stage": "primary", "subgroup": "all", "status": "not_met", "plotted": value, "target": 1.0,
        "text": f"{value:.1%}", "counts": counts, "target_text": "100%",
    }  # fmt: skip
    row = dict.fromkeys(figures.FIELDS) | {"change": "", "change_words": "", "method": ""} | known
    return next(figures.figures_of(pl.DataFrame([row])))


def test_one_failure_is_counted_once_and_says_of_how_many() -> None:
    """A canteen nobody inspected misses the number of inspections too; a school with two failures comes first."""
    heads = {
        "1": [a_figure("1", "canteens_inspected", 0.0, "0 / 1"), a_figure("1", "inspection_frequency_met", 0.0, "0 / 1")],
        "2": [a_figure("2", "exam_coverage", 0.9, "90 / 100"), a_figure("2", "fitness_coverage", 0.95, "95 / 100")],
    }  # fmt: skip
    indicators = {f.indicator: unlisted(f.indicator, 1) for found in heads.values() for f in found}
    book: Any = SimpleNamespace(indicators=indicators, duties=SimpleNamespace(assessed={}))
    site: Any = SimpleNamespace(book=book, t=str, unit=lambda message, told: message)
    schools = [a_school("1"), a_school("2")]
    first, second = county.visits(site, schools, {s: {f.indicator: f for f in found} for s, found in heads.items()})
    assert (first.school.code, first.not_met) == ("2", 2)
    assert (second.school.code, second.not_met, len(second.reasons)) == ("1", 1, 1)
    unit = indicators["canteens_inspected"].counted
    assert second.reasons == [f"食堂检查 0.0%（0 / 1 {unit}，目标100%）"]

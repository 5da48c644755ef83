"""The indicator catalogue and the targets, as the controlled tables give them.

Column names are looked up by the first known spelling, so that the catalogue seed may grow columns without a change
here; an absent text is simply not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports import vocabulary as v
from reports.i18n import N_

Row = Mapping[str, Any]


def pick(row: Row, names: Sequence[str], default: str = "") -> str:
    """First non-empty value among the spellings of a column, as text."""
    return next((str(row[n]).strip() for n in names if row.get(n) not in (None, "")), default)


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue."""

    code: str
    name: str
    short: str
    domain: str
    unit: str
    is_share: bool
    interval: bool
    higher: bool
    semester: bool
    counted: str
    numerator: str
    denominator: str
    source: str
    clause: str
    method: str
    parameters: str
    note: str
    duty: bool
    order: int


@dataclass(frozen=True)
class Target:
    """One target with the clause it comes from."""

    target_id: str
    indicator: str
    stage: str
    level: str
    entity: str
    valid_from: str
    operator: str
    value: float | None
    source: str
    clause: str
    quote: str


SHORT_NAMES = {
    "vision_two_checks": N_("两次视力监测"),
    "poor_vision": N_("视力不良"),
    "poor_vision_mild": N_("轻度不良"),
    "poor_vision_moderate": N_("中度不良"),
    "poor_vision_severe": N_("重度不良"),
    "screening_myopia": N_("筛查性近视"),
    "exam_coverage": N_("健康体检"),
    "fitness_coverage": N_("体测参测"),
    "fitness_pass": N_("体测及格"),
    "fitness_good": N_("体测优良"),
    "fitness_excellent": N_("体测优秀"),
    "films_per_pupil": N_("人均观影"),
    "films_two": N_("看满两部"),
    "canteens_inspected": N_("食堂检查"),
    "inspection_frequency_met": N_("检查频次"),
    "inspection_key_failed": N_("关键项不合格"),
    "inspection_closed_on_time": N_("按期整改"),
    "kitchen_open": N_("明厨亮灶"),
    "kitchen_internet": N_("互联网+明厨"),
    "health_file": N_("健康档案"),
}


def _indicator(row: Row, order: int) -> Indicator:
    code = pick(row, ("indicator", "code", "id"))
    unit = pick(row, ("unit",), "share")
    name = pick(row, ("name_zh", "name", "title_zh", "title", "label_zh", "label"), code)
    judgement = pick(row, ("judgement", "judgment"), "exact")
    better = pick(row, ("better", "direction", "polarity", "better_is"), "higher")
    grain = pick(row, ("period_type", "period_kind", "period", "frequency"), "year")
    interval = judgement.startswith(("interval", "wilson"))
    duty_text = pick(row, ("duty", "is_duty"))
    return Indicator(
        code=code,
        name=name,
        short=pick(
            row, ("short_zh", "short_name", "short_name_zh", "name_short"), SHORT_NAMES.get(code, name)
        ),
        domain=v.domain_of(code, pick(row, ("domain", "domain_slug"))),
        unit="" if unit.lower() in v.SHARE_UNITS else v.UNITS.get(code, v.UNITS.get(unit, unit)),
        is_share=unit.lower() in v.SHARE_UNITS,
        interval=interval,
        higher=not better.lower().startswith(("low", "less", "down", "<", "-")),
        semester=grain.startswith("sem"),
        counted=v.counted_unit(
            code, pick(row, ("denominator_unit", "counted", "unit_of_denominator", "grain"))
        ),
        numerator=pick(row, ("numerator_zh", "numerator", "numerator_definition")),
        denominator=pick(row, ("denominator_zh", "denominator", "denominator_definition")),
        source=pick(row, ("source", "source_document", "document", "source_zh", "policy")),
        clause=pick(row, ("clause", "source_clause", "clause_zh")),
        method=pick(row, ("method", "method_version", "version")),
        parameters=pick(row, ("parameters", "parameter", "params", "rule_parameters")),
        note=pick(row, ("note_zh", "notes_zh", "note", "notes", "definition_zh", "description_zh")),
        duty=duty_text.lower() in ("true", "1", "yes") if duty_text else not interval,
        order=order,
    )


def read_indicators(frame: pl.DataFrame) -> dict[str, Indicator]:
    """Catalogue entries by code, in the catalogue's order."""
    entries = [_indicator(row, i) for i, row in enumerate(frame.iter_rows(named=True))]
    return {entry.code: entry for entry in entries if entry.code}


def unlisted(code: str, order: int) -> Indicator:
    """Entry for a code that has figures but no catalogue row: shown by its code, nothing invented."""
    return _indicator({"indicator": code, "name_zh": code}, order)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def read_targets(frame: pl.DataFrame) -> list[Target]:
    """Targets in the table's order."""
    return [
        Target(
            target_id=pick(row, ("target_id", "id")),
            indicator=pick(row, ("indicator", "code")),
            stage=pick(row, ("stage",)),
            level=pick(row, ("level",)),
            entity=pick(row, ("entity", "area", "jurisdiction")),
            valid_from=pick(row, ("valid_from", "period_from", "from_period", "starts", "period")),
            operator=pick(row, ("operator", "op"), ">="),
            value=_number(pick(row, ("target", "value", "threshold"))),
            source=pick(row, ("source", "source_document", "document", "source_file", "policy")),
            clause=pick(row, ("clause", "source_clause")),
            quote=pick(row, ("quote", "quote_zh")),
        )
        for row in frame.iter_rows(named=True)
    ]

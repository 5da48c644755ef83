"""The indicator catalogue and the targets, as the controlled tables give them.

Columns are those of the catalogue and target seeds; an absent text is simply not shown, so a catalogue may be thin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports import vocabulary as v
from reports.short_names import SHORT_NAMES

Row = Mapping[str, Any]


def pick(row: Row, name: str) -> str:
    """Text of a column, empty where the column or its value is missing."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue."""

    code: str
    name: str
    name_zh: str
    name_en: str
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
    method: str
    parameters: str
    note: str
    duty: bool
    order: int
    digits: int
    scale: int
    item: str
    by_document: bool
    detail: bool
    feeds: frozenset[str]
    minimum_n: int


@dataclass(frozen=True)
class Target:
    """One target with the clause it comes from."""

    target_id: str
    indicator: str
    stage: str
    jurisdiction: str
    valid_from: str
    valid_to: str
    operator: str
    value: float | None
    clause: str
    quote: str


def _indicator(row: Row, order: int, lang: str) -> Indicator:
    code, unit = pick(row, "code"), pick(row, "unit") or "share"
    is_share = unit in v.SHARE_UNITS
    name = pick(row, f"name_{lang}") or pick(row, "name_zh") or code
    interval = pick(row, "judgement") == "interval"
    sort = pick(row, "sort")
    return Indicator(
        code=code,
        name=name,
        name_zh=pick(row, "name_zh") or code,
        name_en=pick(row, "name_en"),
        short=SHORT_NAMES.get(code, name),
        domain=v.domain_of(code, pick(row, "domain")),
        unit="" if is_share or unit in v.UNITLESS else pick(row, f"unit_{lang}") or v.UNITS.get(unit, unit),
        is_share=is_share,
        interval=interval,
        higher=pick(row, "polarity") != "lower",
        semester=pick(row, "period_type") == "semester",
        counted=v.counted_unit(code, pick(row, "counted_unit"), unit),
        numerator=pick(row, f"numerator_{lang}"),
        denominator=pick(row, f"denominator_{lang}"),
        source=pick(row, "source_clause"),
        method=pick(row, "method_version"),
        parameters=pick(row, "parameters"),
        note=pick(row, f"note_{lang}"),
        duty=pick(row, "part_of_duty").lower() == "true" or not (interval or pick(row, "part_of_duty")),
        order=int(sort) if sort.isdigit() else order,
        digits=v.DIGITS.get(unit, 2),
        scale=int(pick(row, "numerator_scale") or 1),
        item=v.item_of(code),
        detail=re.search(v.DETAIL, code) is not None,
        by_document=pick(row, "counted_unit") == "document",
        minimum_n=int(pick(row, "minimum_n") or 1),
        feeds=frozenset(filter(None, pick(row, "feeds").split("|"))),
    )


def read_indicators(frame: pl.DataFrame, lang: str = "zh") -> dict[str, Indicator]:
    """Catalogue entries by code, in the catalogue's order."""
    entries = [_indicator(row, i, lang) for i, row in enumerate(frame.iter_rows(named=True))]
    return {entry.code: entry for entry in sorted(entries, key=lambda e: e.order) if entry.code}


def unlisted(code: str, order: int) -> Indicator:
    """Entry for a code that has figures but no catalogue row: shown by its code, nothing invented."""
    return _indicator({"code": code}, order, "zh")


def read_targets(frame: pl.DataFrame) -> list[Target]:
    """Targets in the table's order."""
    return [
        Target(
            target_id=pick(row, "target_id"),
            indicator=pick(row, "indicator"),
            stage=pick(row, "stage"),
            jurisdiction=pick(row, "jurisdiction"),
            valid_from=pick(row, "valid_from"),
            valid_to=pick(row, "valid_to"),
            operator=pick(row, "operator") or ">=",
            value=row.get("value"),
            clause=pick(row, "clause"),
            quote=pick(row, "quote_zh"),
        )
        for row in frame.iter_rows(named=True)
    ]

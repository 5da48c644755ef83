"""What the audit site is made of: named tables with fixed columns, whatever they were collected from.

Grain and meaning of a table stand beside its name. Counts, codes, positions and sentences only; no value of a person's field. A missing
table is empty and a missing column null, so a page always stands and says that nothing is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

_S, _I, _F, _B = pl.String, pl.Int64, pl.Float64, pl.Boolean
_PLACE = {"feed": _S, "period": _S, "county": _S}
_ROWS = {"rows_read": _I, "rows_accepted": _I, "rows_rejected": _I, "rows_not_data": _I}

TABLES: dict[str, dict[str, Any]] = {
    # names
    "areas": {"area": _S, "name": _S, "parent": _S, "level": _S},
    "schools": {"school": _S, "name": _S, "county": _S},
    "indicators": {
        "indicator": _S, "name_zh": _S, "name_en": _S, "unit": _S, "sort": _I, "method": _S, "model": _S, "source": _S, "feeds": _S,
    },
    "rules": {"rule": _S, "zh": _S, "en": _S},
    # a verdict of the ledger, by the number of its entry; `kept` when its results are in `results`
    "verdicts": {
        "verdict": _I, "at": _S, "data_version": _S, "suite_version": _S, "contract_version": _S, "sha256": _S, "overall": _S,
        "kept": _B,
    },
    "years": {"verdict": _I, "year": _S, "result": _S},
    # a check of a kept verdict and its school year (`common` for tables of no year)
    "results": {
        "verdict": _I, "check": _S, "year": _S, "result": _S, "rows": _I, "unexpected": _I, "blocks": _B,
    },
    "checks": {
        "check": _S, "suite": _S, "table": _S, "feed": _S, "severity": _S, "zh": _S, "en": _S, "reason_zh": _S, "reason": _S,
    },
    # where the newest verdict found faults, and the valid waivers that hold them there; county empty where the fault has none
    "places": {"check": _S, "year": _S, "period": _S, "county": _S, "faults": _I, "waivers": pl.List(_S)},
    # what would block a year if it were published on the day, and the waivers that hold it (empty: nothing does)
    "standing": {"year": _S, "check": _S, "waivers": pl.List(_S)},
    # with its state on the day: `valid`, `expired` or `not_needed`
    "waivers": {
        "waiver": _S, "check": _S, "period": _S, "county": _S, "reason": _S, "by": _S, "approved_by": _S, "until": _S, "as_of": _S,
        "evidence_name": _S, "evidence_sha256": _S, "state": _S,
    },
    "uses": {"waiver": _S, "year": _S, "release": _S},
    "coverage": {
        **_PLACE, "schools_expected": _I, "schools_received": _I, "rows_accepted": _I, "rows_rejected": _I, "rows_unlinked": _I,
        "due_on": _S, "last_received": _S,
    },
    # a delivery in receipt order; `feedback` is the address of what went back, from the home folder
    "deliveries": {
        "receipt": _I, "delivery_id": _S, "at": _S, "file_name": _S, "file_sha256": _S, "state": _S, "feeds": _S, "periods": _S,
        "parts": _I, **_ROWS, "feedback": _S,
    },
    "parts": {
        "delivery_id": _S, "part": _I, "member": _S, "sheet": _S, **_PLACE, "school": _S, "state": _S, **_ROWS, "reason": _S,
    },
    # a refused row (row_number null: a part or file refused as a whole); the sentence without what was filled in
    "rejected": {
        "delivery_id": _S, "part": _I, "member": _S, "sheet": _S, "row_number": _I, "column_name": _S, "rule": _S, "reason_zh": _S,
        **_PLACE, "school": _S,
    },
    "releases": {
        "year": _S, "release": _S, "as_of": _S, "data_version": _S, "note": _S, "verdict_sha256": _S, "manifest_internal": _S,
        "manifest_public": _S, "key_id": _S, "changes": _S,
    },
    # figures of a release or of a build that differ from the one before, by indicator
    "changes": {"year": _S, "release": _S, "kind": _S, "indicator": _S, "n": _I},
    "builds": {"before": _S, "after": _S, "indicator": _S, "added": _I, "removed": _I, "changed": _I},
    # headline figures as the internal controlled table has them, and what they were counted from
    "figures": {
        "figure_id": _S, "indicator": _S, "period": _S, "level": _S, "entity": _S, "stage": _S, "numerator": _I, "denominator": _I,
        "value": _F, "status": _S, "text": _S, "release": _S,
    },
    "sources": {"figure_id": _S, "feed": _S, "period": _S, "files": _I, "accepted": _I, "rejected": _I},
    # results of the newest verdict that judge the figures counted from these feeds (as the indicators name them), by school year
    "judging": {"feeds": _S, "year": _S, "check": _S, "result": _S},
    # a column of a base table; quantiles of numbers only, nothing of fewer than ten rows
    "profiles": {
        "feed": _S, "period": _S, "place": _I, "column": _S, "title": _S, "rows": _I, "empty": _F, "distinct": _S, "p10": _F, "p50": _F,
        "p90": _F,
    },
    "outliers": {
        "indicator": _S, "period": _S, "level": _S, "entity": _S, "stage": _S, "denominator": _I, "before": _F, "now": _F, "change": _F,
        "is_share": _B,
    },
}  # fmt: skip


def shaped(name: str, frame: pl.DataFrame | None) -> pl.DataFrame:
    """A table with exactly its columns and their types."""
    columns = TABLES[name]
    if frame is None or not frame.width:
        return pl.DataFrame(schema=columns)
    return frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(dtype, strict=False).alias(c)
        for c, dtype in columns.items()
    )


@dataclass(frozen=True)
class AuditBook:
    """Everything the site shows, as of one day.

    Attributes:
        as_of: The day waivers and deadlines are judged by.
        data_version: The built version; empty before the first build.
        refusal: Why the newest verdict would not count today; empty when it does.
        tables: By the names of `TABLES`.
    """

    as_of: dt.date
    data_version: str
    refusal: str = ""
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def _shaped(self) -> dict[str, pl.DataFrame]:
        return {name: shaped(name, self.tables.get(name)) for name in TABLES}

    def __getitem__(self, name: str) -> pl.DataFrame:
        """A table by its name."""
        return self._shaped[name]

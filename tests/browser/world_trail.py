"""What the second release of the world tells of itself: a warning, two waivers, and its differences from the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from orchestration.release import amendment

YEAR = "2024-2025"
TOUCHED = [
    "vision_two_checks",
    "poor_vision",
    "poor_vision_mild",
    "poor_vision_moderate",
    "poor_vision_severe",
    "screening_myopia",
]
CHECK = {"check": "vision_check.va_right", "zh": "右眼视力在3.3至5.3之间", "en": "Right acuity from 3.3 to 5.3"}
WAIVER = {**CHECK, "period": f"{YEAR}-1", "until": "2025-10-31", "indicators": TOUCHED, "evidence_sha256": "ab" * 32}
TRAIL: dict[str, Any] = {
    "as_of": "2025-09-10",
    "revised": [f"{YEAR}-2"],
    "checks": {"all": 204, "passed": 202, "warned": 1, "waived": 1},
    "warnings": [
        {"check": "vision_check.one_day", "zh": "两次检查不在同一天", "en": "Two checks on two days", "unexpected": 3}
    ],
    "waivers": [
        {
            **WAIVER,
            "waiver": "W1",
            "county": "411302",
            "reason": "县医院<视力表>十月校准",
            "unexpected": 1234,
            "by": "王科长",
            "approved_by": "李主任",
        },
        {
            **WAIVER,
            "waiver": "W2",
            "county": "411321",
            "reason": "设备故障，原始记录已封存",
            "unexpected": 7,
            "by": "马科长",
            "approved_by": "李主任",
        },
    ],
    "earlier": [{"release": "r1", "as_of": "2025-09-01", "note": "", "data_version": "9f86d081884c7d65"}],
}


def changes(controlled: Path, out: Path) -> Path:
    """Differences from a first release in which every spring figure of the first county was another one."""
    old, new = out.with_name("old.parquet"), out.with_name("new.parquet")
    amendment.keep(controlled, YEAR, new)
    figures = pl.read_parquet(new)
    spring = (pl.col("period") == f"{YEAR}-2") & pl.col("entity").str.starts_with("411302")
    gone = (pl.col("indicator") == "films_two") & spring
    figures.filter(~gone).with_columns(
        value=pl.when(spring).then(pl.col("value") * 0.9).otherwise("value"),
        numerator=pl.when(spring).then((pl.col("numerator") * 0.9).round()).otherwise("numerator"),
    ).write_parquet(old)
    amendment.difference(old, new, out)
    return out

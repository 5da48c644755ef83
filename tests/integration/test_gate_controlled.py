"""Controlled tables of schools, counties, commitments and cases: controlled ones pass, inner ones put in their place fail every check."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_home import Tables, build, built

from expectations import gate
from expectations.suites import SUITES
from expectations.suites.controlled_judged import COLUMNS
from orchestration.config import Home
from orchestration.disclosure.control import control

YEAR = "2024-2025"
FIRST = pl.int_range(pl.len()) == 0
CHECKS = SUITES["controlled_judged"]


def small_things(marts: Tables) -> None:
    """Seven pupils of a grade, five of a stage, nine of a survey, two schools of a county, a consequence for a school."""
    hidden = pl.lit(f"exam_coverage.{YEAR}.school.2141000003.primary.grade=1")

    def first(table: str, **values: pl.Expr) -> None:
        marts[table] = marts[table].with_columns(
            pl.when(FIRST).then(v.cast(marts[table].schema[c])).otherwise(c).alias(c) for c, v in values.items()
        )

    first("cases", figure_id=hidden, evidence=pl.lit("某某"))
    first("school_assessment", pupils=pl.lit(5))
    first("county_variation", schools=pl.lit(2))
    first("results_used", school=pl.lit("2141000001"))
    survey = (
        marts["commitments"]
        .head(1)
        .with_columns(
            indicator=pl.lit("asked"),
            route=pl.lit("reported"),
            figure_id=pl.lit(None, pl.String),
            evidence=pl.lit(None, pl.String),
        )
    )
    first("commitments", figure_id=hidden)
    marts["commitments"] = pl.concat([marts["commitments"], survey])


def failed(home: Home) -> set[str]:
    return {r.check for r in gate.check(home, built(home)).results if r.result != "passed"}


def test_what_stands_behind_a_hidden_number_is_hidden_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SUITES", {"controlled_judged": CHECKS})
    home = build(tmp_path, change_marts=small_things)
    control(home, built(home))
    assert failed(home) == set()
    folder = home.marts / built(home)
    for edition in ("internal", "public"):
        for table, (_, names) in COLUMNS.items():
            inner = pl.read_parquet(folder / f"{table}.parquet").select(names.split())
            inner.with_columns(extra=1).write_parquet(folder / "controlled" / edition / f"{table}.parquet")
        for table, counted in (("coverage", "rows_accepted"), ("deliveries_summary", "rows_read")):
            path = folder / "controlled" / edition / f"{table}.parquet"
            pl.read_parquet(path).with_columns(pl.lit(5).alias(counted)).write_parquet(path)
    assert failed(home) == {check.name for check in CHECKS}

"""A sidecar that says replace, from the inbox to what is current: what it replaces, and what it can't replace."""

from __future__ import annotations

import polars as pl
from deliveries import AUTUMN, OTHER_SCHOOL, SCHOOL, SPRING, YEAR, deliver, land_all, vision, vision_row

from orchestration.config import Home
from orchestration.warehouse import build

REPLACE = {"feed": "vision_check", "school": SCHOOL, "replace": True}


def checks(home: Home, *paths: tuple[str, str]) -> None:
    for number, (school, period) in enumerate(paths):
        day = "2024-10-15" if period == AUTUMN else "2025-04-15"
        rows = vision(*(vision_row(10 * number + i, day=day) for i in range(2)))
        deliver(home, f"vision_check/{school}/{period}/{number}.csv", rows)


def current(home: Home) -> list[tuple[str, str, bool]]:
    build(home)
    records = pl.read_parquet(home.records / "vision_checks" / "*.parquet")
    return sorted(records.select("school", "period", "is_current").unique().rows())


def test_a_replacing_delivery_without_rows_empties_the_scope_its_context_names(home: Home) -> None:
    checks(home, (SCHOOL, AUTUMN), (SCHOOL, SPRING), (OTHER_SCHOOL, AUTUMN))
    land_all(home)
    deliver(home, "nothing.csv", vision(), sidecar=REPLACE | {"period": AUTUMN})
    out = land_all(home)
    assert out.verdict("nothing.csv") == ("loaded", None, "没有数据行，只有表头")
    assert current(home) == [(SCHOOL, AUTUMN, False), (SCHOOL, SPRING, True), (OTHER_SCHOOL, AUTUMN, True)]
    # What comes later counts again, whenever it was measured.
    deliver(home, f"vision_check/{SCHOOL}/{AUTUMN}/new.csv", vision(vision_row(90, day="2024-10-11")))
    land_all(home)
    assert (SCHOOL, AUTUMN, True) in current(home)


def test_a_school_year_empties_both_semesters_and_a_file_with_only_bad_rows_none(home: Home) -> None:
    checks(home, (SCHOOL, AUTUMN), (SCHOOL, SPRING))
    deliver(home, "bad.csv", vision(vision_row(1, right="77")), sidecar=REPLACE | {"period": AUTUMN, "version": 1})
    land_all(home)
    assert all(kept for _, _, kept in current(home))
    deliver(home, "none.csv", vision(), sidecar=REPLACE | {"period": YEAR})
    land_all(home)
    assert current(home) == [(SCHOOL, AUTUMN, False), (SCHOOL, SPRING, False)]


def test_rows_of_a_replacing_delivery_must_say_whose_they_are(home: Home) -> None:
    rows = vision(vision_row(1), vision_row(2))
    deliver(home, "plain.csv", rows)
    deliver(home, "whole.csv", rows, sidecar={"feed": "vision_check", "replace": True})
    out = land_all(home)
    assert out.verdict("plain.csv")[0] == "loaded"
    assert out.rules("whole.csv") == {
        2: ("school_unknown_context", "学校标识码"),
        3: ("school_unknown_context", "学校标识码"),
    }
    assert "整体替换" in out.rejected["reason_zh"][0]

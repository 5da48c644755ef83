"""Controlled tables against the rule, written out by hand for single cells, and against the gate's own reading of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from small_home import Tables, build, built

from expectations.gate import check
from orchestration.config import ConfigError, Home
from orchestration.disclosure import control as module
from orchestration.disclosure.control import control
from orchestration.disclosure.thresholds import read_thresholds

YEAR = "2024-2025"
NUMBERS = ["numerator", "denominator", "value", "lower_95", "upper_95"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    def change(marts: Tables) -> None:
        figures = marts["indicator_values"]
        # A share of nobody in a group under 20, and a school that did not report.
        nobody = pl.col("figure_id") == f"poor_vision_severe.{YEAR}-1.school.2141000006.junior.grade=7"
        silent = (pl.col("indicator") == "exam_coverage") & (pl.col("entity") == "2141000001")
        nothing = [pl.when(silent).then(None).otherwise(pl.col(c)).alias(c) for c in ("numerator", "value")]
        figures = figures.with_columns(
            *nothing, status=pl.when(silent).then(pl.lit("not_reported")).otherwise("status")
        )
        marts["indicator_values"] = figures.with_columns(
            numerator=pl.when(nobody).then(0).otherwise("numerator"),
            value=pl.when(nobody).then(0.0).otherwise("value"),
        )

    home = build(tmp_path_factory.mktemp("controlled"), change_marts=change)
    control(home, built(home))
    return home


def cell(home: Home, edition: str, figure: str) -> dict[str, object]:
    table = pl.read_parquet(home.marts / built(home) / "controlled" / edition / "indicator_values.parquet")
    return table.filter(pl.col("figure_id") == figure).row(0, named=True)


def test_small_denominator_is_suppressed_in_both(home: Home) -> None:
    for edition in ("internal", "public"):
        row = cell(home, edition, f"poor_vision.{YEAR}-1.school.2141000003.primary.grade=1")  # 7 pupils
        assert row["status"] == "suppressed" and all(row[c] is None for c in NUMBERS)
        assert not row["rounded"] and row["value_text_rule"] is None


def test_internal_is_exact_otherwise(home: Home) -> None:
    inner = pl.read_parquet(home.marts / built(home) / "indicator_values.parquet")
    figure = f"poor_vision.{YEAR}-1.county.411302.primary.all"
    row, true = cell(home, "internal", figure), inner.filter(pl.col("figure_id") == figure).row(0, named=True)
    assert all(row[c] == true[c] for c in true)


def test_tails_in_small_groups(home: Home) -> None:
    none = cell(home, "internal", f"poor_vision_severe.{YEAR}-1.school.2141000006.junior.grade=7")  # 0 of 12
    assert (none["value_text_rule"], none["numerator"], none["value"], none["denominator"]) == (
        "le5",
        None,
        None,
        12,
    )
    every = cell(home, "internal", f"exam_coverage.{YEAR}.school.2141000006.junior.grade=7")  # 12 of 12
    assert (every["value_text_rule"], every["value"], every["status"]) == ("ge95", None, "met")
    large = cell(home, "internal", f"exam_coverage.{YEAR}.school.2141000005.junior.grade=7")  # 40 of 40
    assert (large["value_text_rule"], large["value"]) == (None, 1.0)


def test_not_reported_keeps_its_word(home: Home) -> None:
    row = cell(home, "internal", f"exam_coverage.{YEAR}.school.2141000001.primary.all")
    assert (row["status"], row["numerator"], row["denominator"]) == ("not_reported", None, 80)


def test_public_rounds_and_hides_small_counts(home: Home) -> None:
    inner = pl.read_parquet(home.marts / built(home) / "indicator_values.parquet")
    public = pl.read_parquet(home.marts / built(home) / "controlled" / "public" / "indicator_values.parquet")
    both = public.join(inner.select("figure_id", n="numerator", d="denominator"), on="figure_id")
    pupils = both.filter(pl.col("indicator") != "canteens_inspected")
    shown = pupils.filter(pl.col("status") != "suppressed")
    assert shown.height and pupils.filter(pl.col("status") == "suppressed").height
    assert (shown["denominator"] % 5 == 0).all() and (shown["numerator"].drop_nulls() % 5 == 0).all()
    assert (shown["n"].drop_nulls() >= 8).all() and (shown["d"] >= 10).all()
    exact = shown.filter(pl.col("value").is_not_null())
    assert (exact["value"] - exact["numerator"] / exact["denominator"]).abs().max() == 0
    nearest = shown.filter(pl.col("numerator").is_not_null())
    assert ((nearest["numerator"] - nearest["n"]).abs() <= 2).all()


def test_public_needs_three_schools(home: Home) -> None:
    # Grade 1 in 4113A1 is taught by one school only; the county cell and the school's own are hidden, internally shown.
    figure = f"exam_coverage.{YEAR}.county.4113A1.primary.grade=1"
    assert cell(home, "public", figure)["status"] == "suppressed"
    assert cell(home, "internal", figure)["denominator"] == 24
    assert cell(home, "public", f"exam_coverage.{YEAR}.school.2141000004.primary.grade=1")["status"] == "suppressed"
    assert cell(home, "public", f"exam_coverage.{YEAR}.city.411300.primary.grade=1")["denominator"] == 100


def test_figures_not_about_pupils_pass_unchanged(home: Home) -> None:
    for edition in ("internal", "public"):
        row = cell(home, edition, f"canteens_inspected.{YEAR}.school.2141000003.primary.all")
        assert (row["numerator"], row["denominator"], row["status"], row["rounded"]) == (1, 1, "met", False)


def test_other_tables_hide_small_numbers_of_pupils(home: Home) -> None:
    folder = home.marts / built(home) / "controlled"
    pupils = {
        edition: dict(pl.read_parquet(folder / edition / "schools.parquet").select("school", "pupils").iter_rows())
        for edition in ("internal", "public")
    }
    assert pupils["internal"]["2141000003"] == 14 and pupils["public"]["2141000003"] == 15
    summary = pl.read_parquet(folder / "internal" / "deliveries_summary.parquet")
    assert "file_name" not in summary.columns and "delivery_id" not in summary.columns


def test_unknown_indicator_is_treated_as_pupils(tmp_path: Path) -> None:
    def change(marts: Tables) -> None:
        marts["indicators"] = marts["indicators"].filter(pl.col("code") != "canteens_inspected")

    home = build(tmp_path, change_marts=change)
    control(home, built(home))
    assert cell(home, "internal", f"canteens_inspected.{YEAR}.school.2141000003.primary.all")["status"] == "suppressed"


def test_bytes_do_not_depend_on_threads(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.marts / built(home) / "controlled"
    before = {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}
    connect = duckdb.connect
    for threads in (1, 4):
        monkeypatch.setattr(module.duckdb, "connect", lambda n=threads: connect(config={"threads": n}))
        (folder / "rule.json").unlink()
        control(home, built(home))
        assert {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))} == before


def test_same_inputs_and_rule_are_left_alone(home: Home) -> None:
    table = home.marts / built(home) / "controlled" / "public" / "schools.parquet"
    before = table.stat().st_mtime_ns
    control(home, built(home))
    assert table.stat().st_mtime_ns == before


def test_incomplete_version_is_named(home: Home) -> None:
    with pytest.raises(ConfigError, match="不完整"):
        control(home, "nothing")


def test_thresholds_are_the_reviewed_ones() -> None:
    limits = read_thresholds()
    assert (limits.minimum_pupils, limits.tail_pupils, limits.round_to) == (10, 20, 5)
    assert (limits.smallest_count, limits.minimum_schools) == (8, 3)


BROKEN = {
    # What is done to a controlled table, and the check that must see it.
    "internal.suppressed_shows_nothing": ("internal", "status = 'suppressed'", "denominator = 7"),
    "internal.small_cells": (
        "internal",
        "status = 'suppressed' and subgroup = 'grade=1' and entity = '2141000003'",
        "status = 'no_target'",
    ),
    "internal.tails": ("internal", "value_text_rule is not null", "value = 1.0"),
    "internal.exact": (
        "internal",
        "status = 'met' and value_text_rule is null and level = 'city'",
        "numerator = numerator + 1",
    ),
    "internal.others_exact": ("internal", "indicator = 'canteens_inspected'", "numerator = 0"),
    "internal.status": ("internal", "status = 'met'", "status = 'splendid'"),
    "public.rounded": ("public", "rounded and numerator is not null", "numerator = numerator + 1"),
    "public.small_counts": (
        "public",
        "status = 'suppressed' and subgroup = 'grade=1' and entity = '2141000003'",
        "numerator = 5",
    ),
    "public.few_schools": (
        "public",
        "status = 'suppressed' and entity = '4113A1' and stage = 'primary'",
        "denominator = 25",
    ),
}


def test_gate_sees_every_breach(home: Home, tmp_path: Path) -> None:
    broken = build(tmp_path)
    folder = control(broken, built(broken))
    used: list[str] = []
    with duckdb.connect() as db:

        def untouched(where: str) -> str:
            sql = (
                f"select figure_id from t where ({where}) and not list_contains($used, figure_id) order by all limit 1"
            )
            [(figure,)] = db.execute(sql, {"used": used or [""]}).fetchall()
            used.append(figure)
            return str(figure)

        for edition in ("internal", "public"):
            path = folder / edition / "indicator_values.parquet"
            db.execute(f"create or replace table t as select * from '{path}'")
            for where, change in [(w, c) for e, w, c in BROKEN.values() if e == edition]:
                db.execute(f"update t set {change} where figure_id = '{untouched(where)}'")
            gone = untouched("level = 'city'")
            db.execute(f"delete from t where figure_id = '{gone}'")
            db.execute(f"copy (select *, 'note' as remark from t) to '{path}' (format parquet)")
        path = folder / "public" / "schools.parquet"
        db.execute(f"create table s as select * replace (7 as pupils) from '{path}'")
        db.execute(f"copy s to '{path}' (format parquet)")
    found = {r.check for r in check(broken, built(broken)).results if r.result == "failed"}
    extra = {
        "public.school_pupils",
        "public.small_schools",
        "internal.columns",
        "public.columns",
        "internal.complete",
        "public.complete",
    }
    assert found >= set(BROKEN) | extra


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home where one school has a stage of 8 pupils, and promises and cases hang on a hidden cell."""
    hidden = f"poor_vision.{YEAR}-1.school.2141000003.primary.grade=1"

    def change(marts: Tables) -> None:
        few = pl.col("school") == "2141000003"
        marts["school_assessment"] = marts["school_assessment"].with_columns(
            pupils=pl.when(few).then(8).otherwise("pupils")
        )
        marts["commitments"] = marts["commitments"].with_columns(
            figure_id=pl.when(pl.col("entity") == "2141000003").then(pl.lit(hidden)).otherwise("figure_id"),
            # a number that is compared as such does not come from the controlled figure
            compared=pl.when(pl.col("entity") == "2141000003").then(pl.lit("count")).otherwise("compared"),
        )
        marts["cases"] = marts["cases"].with_columns(figure_id=pl.when(few).then(pl.lit(hidden)).otherwise("figure_id"))

    home = build(tmp_path_factory.mktemp("small"), change_marts=change)
    control(home, built(home))
    return home


def table(home: Home, edition: str, name: str) -> pl.DataFrame:
    return pl.read_parquet(home.marts / built(home) / "controlled" / edition / f"{name}.parquet")


def test_schools_are_judged_inside_only(small: Home) -> None:
    inside = table(small, "internal", "school_assessment")
    hidden = inside.filter(pl.col("school") == "2141000003").row(0, named=True)
    assert (hidden["pupils"], hidden["l1"], hidden["meets_rule"]) == (None, None, True)
    assert inside.filter(pl.col("school") == "2141000001")["l1"].to_list() == [9.9]
    assert "2141000003" not in table(small, "internal", "school_gaps")["school"].to_list()
    for name in ("school_assessment", "school_gaps", "county_additions"):
        assert table(small, "internal", name).height and not table(small, "public", name).height
    assert table(small, "public", "county_verdict").equals(table(small, "internal", "county_verdict"))


def test_a_promise_and_a_case_over_a_hidden_figure_say_nothing(small: Home) -> None:
    promises = table(small, "internal", "commitments")
    row = promises.filter(pl.col("entity") == "2141000003").row(0, named=True)
    assert (row["status"], row["value"], row["numerator"], row["denominator"]) == ("suppressed", None, None, None)
    assert promises.filter(pl.col("entity") == "411302")["status"].to_list() == ["met"]
    assert set(table(small, "public", "commitments")["entity_level"]) == {"county"}
    cases = table(small, "internal", "cases")
    assert "2141000003" not in cases["school"].to_list() and cases.height == 5
    assert not table(small, "public", "cases").height

"""Every check has a row that must fail it, and fails for nothing else: broken homes against the exact set of checks that catch them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_base import Base
from small_home import Tables, build, built

from expectations import engine as engines
from expectations import gate
from expectations.suites import SUITES
from orchestration.config import Home
from orchestration.disclosure.control import control

YEAR = "2024-2025"
AUTUMN = f"{YEAR}-1"
FIRST = pl.int_range(pl.len()) == 0


def put(tables: Base | Tables, key: object, where: pl.Expr, **values: object) -> None:
    """Overwrites columns of the rows that match."""
    table = tables[key]  # type: ignore[index]
    changed = [
        pl.when(where).then(pl.lit(v, dtype=table.schema[c])).otherwise(pl.col(c)).alias(c) for c, v in values.items()
    ]
    tables[key] = table.with_columns(changed)  # type: ignore[index]


def failed(home: Home) -> dict[str, str]:
    """Checks that did not pass, with their severity."""
    verdict = gate.check(home, built(home))
    return {r.check: r.severity if r.result == "failed" else r.result for r in verdict.results if r.result != "passed"}


def expect(home: Home, errors: set[str], warnings: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """The gate finds exactly these."""
    assert failed(home) == dict.fromkeys(errors, "error") | dict.fromkeys(warnings, "warn")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Home]:
    def factory(**changes: Callable[..., None]) -> Home:
        home = build(tmp_path, **changes)
        control(home, built(home))
        return home

    return factory


def test_unbroken_home_passes(make: Callable[..., Home]) -> None:
    home = make()
    assert failed(home) == {}
    verdict = gate.load_verdict(home, built(home))
    assert verdict.passed(YEAR) and len(verdict.results) == sum(len(checks) for checks in SUITES.values())


def test_base_rows(make: Callable[..., Home]) -> None:
    def change(base: Base) -> None:
        roster, vision = ("student_roster", AUTUMN), ("vision_check", AUTUMN)
        put(
            base,
            roster,
            FIRST,
            sex="x",
            status="毕业",
            grade=13,
            left_on=dt.date(2024, 1, 1),
            entered_on=dt.date(2024, 2, 1),
        )
        put(base, roster, pl.int_range(pl.len()) == 1, sex=None, grade=None, birth_date=dt.date(1950, 1, 1))
        put(
            base,
            vision,
            FIRST,
            va_right=99,
            va_left=5,
            sphere_right=2500,
            sphere_left=-2500,
            cylinder_right=1500,
            cylinder_left=-1500,
            axis_right=200,
            axis_left=-1,
            glasses="monocle",
            check_date=dt.date(2023, 1, 1),
        )
        put(base, vision, pl.int_range(pl.len()) == 1, payload_date=None, school="12345", period="2023-2024-1")
        put(base, vision, pl.int_range(pl.len()) == 2, row_number=5)
        put(base, vision, pl.int_range(pl.len()) == 4, pupil_xjh=None, pupil_no=None, pupil_num=None)

    home = make(change_base=change)
    sides = ("right", "left")
    expect(
        home,
        {
            "student_roster.sex",
            "student_roster.status",
            "student_roster.grade",
            "student_roster.dates",
            "student_roster.sex_given",
            "student_roster.grade_given",
            "vision_check.glasses",
            "vision_check.date_in_year",
            "vision_check.dated",
            "vision_check.school_code",
            "vision_check.period",
            "vision_check.row_once",
            "vision_check.pupil_key",
            "indicator_values.vision_rows",
            *(f"vision_check.{c}_{s}" for c in ("va", "sphere", "cylinder", "axis") for s in sides),
        },
        {"student_roster.age", "vision_check.linked"},
    )


def test_health_films_food(make: Callable[..., Home]) -> None:
    def change(base: Base) -> None:
        put(
            base,
            ("physical_exam", YEAR),
            FIRST,
            height_mm=205,
            weight_g=900_000,
            systolic=10,
            diastolic=200,
            exam_date=dt.date(2020, 1, 1),
        )
        put(
            base,
            ("fitness_test", YEAR),
            FIRST,
            participation="maybe",
            rope=900,
            test_date=dt.date(2020, 1, 1),
        )
        put(
            base,
            ("food_inspection", YEAR),
            FIRST,
            inspection_id=None,
            inspected_on=None,
            inspection_type="visit",
            risk_grade="E",
            conclusion="good",
            result="bad",
            item=200,
        )
        put(base, ("food_inspection", YEAR), pl.int_range(pl.len()) == 1, due_on=dt.date(2020, 1, 1))
        put(
            base,
            ("school_register", YEAR),
            FIRST,
            county="4113",
            residence="city",
            canteens=50,
            merged_into="2141000001",
        )
        film = pl.DataFrame(
            {
                "title": [None],
                "grade": [14],
                "expected": [40],
                "attended": [300],
                "shown_on": [dt.date(2020, 1, 1)],
            },
            schema_overrides={"title": pl.String},
        )
        kitchen = pl.DataFrame(
            {
                "canteens": [30],
                "open_kitchens": [-1],
                "internet_kitchens": [31],
                "cameras": [1],
                "cameras_online": [2],
            }
        )
        rolls = pl.DataFrame({"grade": [14], "pupils": [900], "class_no": ["1"]})
        register = base["school_register", YEAR]
        for feed, rows, period in (
            ("film_screening", film, AUTUMN),
            ("kitchen_register", kitchen, YEAR),
            ("class_roster", rolls, AUTUMN),
        ):
            common = register.head(1).select(
                "file_sha256", "part", "row_number", "payload_date", "school_year", "school"
            )
            keyed = common.with_columns(delivery_id=pl.lit("X"), period=pl.lit(period))
            base[feed, period] = pl.concat([keyed, rows], how="horizontal")

    home = make(change_base=change)
    found = failed(home)
    assert found == {
        **dict.fromkeys(
            ["physical_exam.height_mm", "physical_exam.weight_g", "physical_exam.systolic", "physical_exam.diastolic",
             "physical_exam.pressure", "physical_exam.date_in_year", "fitness_test.participation", "fitness_test.rope",
             "fitness_test.date_in_year", "food_inspection.id", "food_inspection.inspected_on", "food_inspection.type",
             "food_inspection.risk", "food_inspection.conclusion", "food_inspection.result", "food_inspection.item",
             "school_register.county", "school_register.residence", "school_register.canteens",
             "school_register.successor", "film_screening.attended", "film_screening.attended_range",
             "film_screening.grade", "film_screening.title", "film_screening.date_in_year", "kitchen_register.canteens",
             "kitchen_register.counts", "class_roster.size", "class_roster.grade"], "error"),
        "food_inspection.order": "warn", "kitchen_register.above": "warn", "kitchen_register.cameras": "warn",
        "student_roster.class_totals": "warn", "kitchen_register.canteens_as_registered": "warn",
        "physical_exam.height_by_grade": "warn", "physical_exam.weight_by_grade": "warn",
    }  # fmt: skip


def test_suspicious_but_published(make: Callable[..., Home]) -> None:
    """Copied rounds, unknown pupils, a thin roster: shown, never blocking."""

    def change(base: Base) -> None:
        autumn = ("vision_check", AUTUMN)
        put(base, autumn, pl.col("school") == "2141000001", va_right=49, va_left=48)
        put(base, autumn, pl.col("school") == "2141000002", check_date=dt.date(2024, 10, 8))
        put(
            base,
            ("physical_exam", YEAR),
            pl.col("school") == "2141000003",
            pupil_xjh=b"0" * 16,
            pupil_no=None,
            pupil_num=None,
        )
        spring = ("student_roster", f"{YEAR}-2")
        base[spring] = base[spring].filter((pl.col("school") != "2141000001") | (pl.col("grade") != 2))

    def lower(marts: Tables) -> None:
        marts["coverage"] = marts["coverage"].with_columns(schools_received=pl.lit(2))
        for name in ("delivery_parts", "_parts"):
            put(marts, name, pl.col("feed") == "fitness_test", school="2141000001")

    home = make(change_base=change, change_marts=lower)
    found = failed(home)
    assert set(found) >= {"vision_check.identical_second", "vision_check.one_day", "physical_exam.linked",
                          "student_roster.semester_jump", "coverage.expected_schools"}  # fmt: skip
    # Fewer spring roster rows than were accepted is what the conservation check is for.
    assert {name for name, severity in found.items() if severity == "error"} <= {
        "base.accepted",
        "indicator_values.roster_rows",
    }


def test_conservation(make: Callable[..., Home]) -> None:
    def change(marts: Tables) -> None:
        vision = (pl.col("feed") == "vision_check") & (pl.col("period") == AUTUMN)
        put(marts, "delivery_parts", vision, rows_accepted=1)
        put(marts, "delivery_parts", pl.col("feed") == "physical_exam", rows_read=999, state="lost")
        put(marts, "_parts", pl.col("feed") == "fitness_test", rows_accepted=1, rows_rejected=0)
        put(marts, "delivery_parts", pl.col("feed") == "school_register", period=None, rows_read=1)
        put(marts, "rejected_rows", FIRST, delivery_id="nobody", reason_zh=None)
        marts["coverage"] = pl.concat([marts["coverage"], marts["coverage"].head(1)])

    home = make(change_marts=change)
    found = failed(home)
    assert set(found) == {
        "delivery_parts.conservation", "delivery_parts.conservation_yearless", "delivery_parts.state",
        "delivery_parts.landed", "base.accepted", "rejected_rows.listed", "rejected_rows.reason", "coverage.key",
    }  # fmt: skip


def test_figures(make: Callable[..., Home]) -> None:
    def change(marts: Tables) -> None:
        row = pl.int_range(pl.len())
        put(marts, "indicator_values", row == 0, figure_id="x", status="suppressed")
        put(marts, "indicator_values", row == 1, level="village")
        put(marts, "indicator_values", row == 2, stage="kindergarten", subgroup="shoe=44")
        put(marts, "indicator_values", row == 3, entity="9999999999")
        put(marts, "indicator_values", row == 4, indicator="unheard_of")
        put(marts, "indicator_values", row == 5, status="not_reported")
        put(marts, "indicator_values", row == 6, numerator=10**6)
        put(marts, "indicator_values", row == 7, numerator=-1)
        put(marts, "indicator_values", row == 8, denominator=0)
        put(marts, "indicator_values", row == 9, target_id="T9")
        put(marts, "indicator_values", row == 10, status=None)
        put(
            marts,
            "indicator_values",
            row == 11,
            target=None,
            target_id=None,
            status="met",
            lower_95=0.0,
            upper_95=0.1,
        )
        figures = marts["indicator_values"]
        marts["indicator_values"] = pl.concat([figures, figures.slice(20, 1)])
        marts["areas"] = pl.concat([marts["areas"], marts["areas"].tail(1).with_columns(parent=pl.lit("000001"))])
        marts["schools"] = pl.concat([marts["schools"], marts["schools"].tail(1).with_columns(county=pl.lit("000002"))])

    home = make(change_marts=change)
    found = failed(home)
    named = {
        "figure_once", "figure_id", "level", "stage", "status", "status_given", "subgroup", "in_catalogue", "entity",
        "numerator", "denominator", "share", "value", "not_reported", "interval", "judged", "target",
    }  # fmt: skip
    assert set(found) >= {f"indicator_values.{n}" for n in named} | {
        "schools.once",
        "schools.county",
        "areas.once",
        "areas.parent",
    }
    assert not gate.load_verdict(home, built(home)).passed(YEAR)


@pytest.mark.parametrize(
    ("where", "caught"),
    [
        (
            (pl.col("indicator") == "poor_vision_mild") & (pl.col("level") == "city"),
            {"vision_degrees", "counties_to_city"},
        ),
        (
            (pl.col("level") == "county") & (pl.col("subgroup") == "all"),
            {"schools_to_county", "counties_to_city"},
        ),
        ((pl.col("stage") == "compulsory") & (pl.col("indicator") == "exam_coverage"), {"compulsory"}),
        (pl.col("subgroup") == "sex=male", {"sum_sex"}),
        (pl.col("subgroup") == "grade=1", {"sum_grade"}),
        (
            (pl.col("subgroup") == "residence=town") & (pl.col("level") == "city"),
            {"sum_residence", "counties_to_city"},
        ),
    ],
)
def test_parts_add_up(
    make: Callable[..., Home], monkeypatch: pytest.MonkeyPatch, where: pl.Expr, caught: set[str]
) -> None:
    monkeypatch.setattr(gate, "SUITES", {"marts": SUITES["marts"]})

    def change(marts: Tables) -> None:
        figures = marts["indicator_values"]
        touched = figures.filter(where).row(0, named=True)["figure_id"]
        bump = pl.when(pl.col("figure_id") == touched).then(1).otherwise(0)
        changed = figures.with_columns(denominator=pl.col("denominator") + bump)
        marts["indicator_values"] = changed.with_columns(value=pl.col("numerator") / pl.col("denominator"))

    home = make(change_marts=change)
    assert set(failed(home)) >= {f"indicator_values.{name}" for name in caught}


def test_more_pupils_than_rows(make: Callable[..., Home]) -> None:
    def change(base: Base) -> None:
        for key in list(base):
            if key[0] in ("student_roster", "vision_check", "physical_exam"):
                base[key] = base[key].head(20)

    found = failed(make(change_base=change))
    assert {
        "indicator_values.vision_rows",
        "indicator_values.health_rows",
        "indicator_values.roster_rows",
    } <= set(found)


def test_missing_and_broken_tables_do_not_pass(make: Callable[..., Home]) -> None:
    home = make()
    (home.base / "kitchen_register" / "_schema.parquet").unlink()
    (home.marts / built(home) / "controlled" / "public" / "schools.parquet").write_bytes(b"not parquet")
    verdict = gate.check(home, built(home))
    states = {r.check: r.result for r in verdict.blocking(YEAR)}
    assert states["kitchen_register.canteens"] == "not_run" and states["public.small_schools"] == "not_run"
    assert not verdict.passed(YEAR)


def test_rows_kind() -> None:
    """The one kind no suite uses yet."""
    from expectations.suites.declare import Text, rows

    text = Text("two", "至少两行", "at least two rows", "试验", "test")
    with engines.engine() as engine:
        engine.execute("create schema s")
        engine.execute("create table s.one as select 1 as a")
        assert engine.judge("s", "one", [rows("one", 2, text)])["two"].result == "failed"
        assert engine.judge("s", "one", [rows("one", 1, text)])["two"].result == "passed"


def test_forms_and_what_is_judged_from_them(make: Callable[..., Home]) -> None:
    def base(tables: Base) -> None:
        form = ("school_form", YEAR)
        put(tables, form, FIRST, pupils_primary=5000, media_rooms=-1)
        put(tables, ("county_form", YEAR), FIRST, teacher_pay_yuan=9_000_000)

    def marts(tables: Tables) -> None:
        put(tables, "school_assessment", FIRST, indicators_met=5)
        put(tables, "school_assessment", pl.int_range(pl.len()) == 1, l4=-1.0)
        put(tables, "county_variation", FIRST, cv=0.5018, cv_met=True)
        put(tables, "county_verdict", pl.col("gate") == "overall", met=True)
        put(tables, "commitments", FIRST, value=None, evidence=None)
        put(tables, "commitments", pl.int_range(pl.len()) == 1, status="kept")
        put(
            tables,
            "cases",
            FIRST,
            state="closed",
            evidence="有",
            closed_on=dt.date(2025, 5, 1),
            recheck_on=dt.date(2025, 4, 1),
        )
        tables["cases"] = pl.concat([tables["cases"], tables["cases"].tail(1)])

    expect(
        make(change_base=base, change_marts=marts),
        {
            "school_form.numbers",
            "school_form.rules",
            "county_form.numbers",
            "school_assessment.rule",
            "school_assessment.values",
            "county_variation.unrounded",
            "county_verdict.conjunction",
            "county_verdict.overall",
            "commitments.shown",
            "commitments.status",
            "cases.closed_with_evidence",
            "cases.once",
        },
        {"school_form.pupils_as_on_roster"},
    )


def test_a_promise_in_two_states_and_a_school_counted_twice(make: Callable[..., Home]) -> None:
    def marts(tables: Tables) -> None:
        tables["commitments"] = pl.concat([tables["commitments"], tables["commitments"].head(1)])
        tables["school_assessment"] = pl.concat([tables["school_assessment"], tables["school_assessment"].head(1)])
        put(tables, "county_variation", FIRST, schools=9)
        put(tables, "commitments", pl.int_range(pl.len()) == 2, status=None)

    expect(
        make(change_marts=marts),
        {"commitments.once", "school_assessment.once", "county_variation.schools", "commitments.status_given"},
    )

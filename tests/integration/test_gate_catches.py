"""Every check of what is suspicious, by school or by year, catches what it is meant for, says where, and lets the next smaller thing pass.

Tables are made by hand, a check is asked alone: one engine for all cases, so that a case costs milliseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from expectations import engine as engines
from expectations.engine import Engine
from expectations.places import places
from expectations.suites import SUITES
from expectations.tables import DERIVED, SCHOOL_TYPES
from expectations.verdict import Place

YEAR, AUTUMN, SPRING = "2024-2025", "2024-2025-1", "2024-2025-2"
A, B = "2141000001", "2141000002"
CHECKS = {check.name: check for checks in SUITES.values() for check in checks}
_schemas = itertools.count(1)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engines.engine() as opened:
        yield opened


def found(engine: Engine, name: str, *derived: str, **tables: str) -> tuple[Place, ...]:
    """Places of the faults of one check over tables given as selects; nothing when it passes. School A lies in 411302, B in 4113A1."""
    schema = f"y{next(_schemas)}"
    engine.execute(f"create schema {schema}")
    known = {
        "schools": f"select * from (values ('{A}', '411302', '211', 2), ('{B}', '4113A1', '312', 2)) as t(school, county, school_type, canteens)",
        "areas": "select unnest(['411302', '4113A1', '411300']) as area",
        "school_types": f"select * from read_csv('{SCHOOL_TYPES}', types = {{'school_type': 'varchar'}})",
    }
    for table, select in (known | tables).items():
        engine.execute(f"create view {schema}.{table} as {select}")
    for table in derived:
        engine.execute(DERIVED[table].replace("{s}", schema))
    check = CHECKS[name]
    outcome = engine.judge(schema, check.table, [check])[name]
    assert outcome.result in ("passed", "failed")
    return (
        places(engine.execute, engine.errors, schema, check, YEAR, outcome.unexpected)
        if outcome.result == "failed"
        else ()
    )


def pupils(count: int, columns: str, period: str = AUTUMN, school: str = A) -> str:
    """One row for each of so many pupils; `i` counts them."""
    return f"select '{period}' as period, '{school}' as school, {columns} from range({count}) as r(i)"


TOKENS = "encode('k' || i) as pupil_xjh, null::blob as pupil_id, null::blob as pupil_no, null::blob as pupil_num"
SIGHT = "null::date as check_date, 1 as round, null::int as sphere_left"


def vision(engine: Engine, name: str, count: int, columns: str) -> tuple[Place, ...]:
    checks = pupils(count, f"{TOKENS}, {SIGHT}, {columns}")
    return found(engine, name, "vision_by_school", "sight_by_school", vision_check=checks)


HERE = (Place(AUTUMN, "411302", 1),)


def measured(engine: Engine, name: str, count: int, height: str, other: str) -> tuple[Place, ...]:
    """Both feeds have the same heights; `other` is what the judged feed measures besides."""
    exam = pupils(count, f"{height} as height_mm, 30001 + i as weight_g, {other} as systolic", YEAR)
    test = pupils(
        count,
        f"{height} as height_mm, 30001 + i as weight_g, {other} as vital_capacity, null::int as run_50m, null::int as sit_reach,"
        " null::int as rope",
        YEAR,
    )
    return found(engine, name, "measures_by_school", physical_exam=exam, fitness_test=test)


@pytest.mark.parametrize("feed", ["physical_exam", "fitness_test"])
def test_values_that_are_nearly_all_round(engine: Engine, feed: str) -> None:
    nine_in_ten = "1200 + 50 * (i % 7) + if(i < {0}, 1, 0)"
    caught = measured(engine, f"{feed}.heaping", 60, nine_in_ten.format(6), "101 + i")
    assert caught == (Place(YEAR, "411302", 1),)
    assert measured(engine, f"{feed}.heaping", 60, nine_in_ten.format(7), "101 + i") == ()
    assert measured(engine, f"{feed}.heaping", 49, nine_in_ten.format(0), "101 + i") == ()


@pytest.mark.parametrize("feed", ["physical_exam", "fitness_test"])
def test_one_value_for_a_whole_school(engine: Engine, feed: str) -> None:
    assert measured(engine, f"{feed}.all_equal", 20, "1201 + i", "111") == (Place(YEAR, "411302", 1),)
    assert measured(engine, f"{feed}.all_equal", 20, "1201 + i", "111 + i // 19") == ()
    assert measured(engine, f"{feed}.all_equal", 19, "1201 + i", "111") == ()


@pytest.mark.parametrize(
    ("name", "count", "bad", "good"),
    [
        ("vision_check.all_equal", 50, "50 as va_right, 50 as va_left, 0 as sphere_right", "50 as va_right, 50 + i // 49 as va_left, 0 as sphere_right"),
        ("vision_check.sign", 20, "46 as va_right, 47 as va_left, 150 as sphere_right", "46 as va_right, 47 as va_left, if(i < 10, 150, -150) as sphere_right"),
        ("vision_check.both_eyes", 50, "48 as va_right, if(i < 6, null, 50) as va_left, 0 as sphere_right",
         "48 as va_right, if(i < 5, null, 50) as va_left, 0 as sphere_right"),
        ("vision_check.second_round", 50, "48 as va_right, 50 as va_left, 0 as sphere_right", ""),
    ],
)  # fmt: skip
def test_sight(engine: Engine, name: str, count: int, bad: str, good: str) -> None:
    assert vision(engine, name, count, bad) == HERE
    assert vision(engine, name, count - 1, bad) == ()
    if good:
        assert vision(engine, name, count, good) == ()


def again(engine: Engine, name: str, compared: int, now: str, past: str) -> tuple[Place, ...]:
    """All three feeds of this year and the one before, with the same pupils."""

    def feeds(height: str, prefix: str) -> dict[str, str]:
        body = pupils(compared, f"{TOKENS}, {height} as height_mm, 30001 + i as weight_g", YEAR)
        sight = pupils(compared, f"{TOKENS}, {height} // 30 as va_right, 48 as va_left")
        return {f"{prefix}vision_check": sight, f"{prefix}physical_exam": body, f"{prefix}fitness_test": body}

    return found(engine, name, "again_by_school", **feeds(now, ""), **feeds(past, "last_"))


@pytest.mark.parametrize(
    ("feed", "period", "most"), [("physical_exam", YEAR, 10), ("fitness_test", YEAR, 10), ("vision_check", AUTUMN, 2)]
)
def test_values_of_the_year_before(engine: Engine, feed: str, period: str, most: int) -> None:
    name = f"{feed}.last_year"
    assert again(engine, name, 20, f"if(i < {most}, 1260, 1230)", "1230") == (Place(period, "411302", 1),)
    assert again(engine, name, 20, f"if(i < {most + 1}, 1260, 1230)", "1230") == ()
    assert again(engine, name, 19, "1230", "1230") == ()


@pytest.mark.parametrize("feed", ["physical_exam", "fitness_test"])
def test_children_who_grew_shorter(engine: Engine, feed: str) -> None:
    assert again(engine, f"{feed}.shrunk", 30, "if(i < 4, 1209, 1260)", "1230") == (Place(YEAR, "411302", 1),)
    assert again(engine, f"{feed}.shrunk", 30, "if(i < 3, 1209, 1260)", "1230") == ()
    assert again(engine, f"{feed}.shrunk", 30, "if(i < 4, 1210, 1260)", "1230") == ()


def figure(**columns: object) -> str:
    """One figure of school A, or as the columns say."""
    row = {
        "indicator": "fitness_pass",
        "period": YEAR,
        "level": "school",
        "entity": A,
        "stage": "primary",
        "subgroup": "all",
        "method": "1",
    }
    row |= {"numerator": 100, "denominator": 100, "value": 1.0, "is_share": True, "per_pupil": True} | columns
    return "select " + ", ".join(f"{value!r} as {name}" for name, value in row.items())


def test_everybody_passes(engine: Engine) -> None:
    name = "fitness_test.all_pass"
    assert found(engine, name, figures=figure()) == (Place(YEAR, "411302", 1),)
    assert found(engine, name, figures=figure(numerator=99)) == ()
    assert found(engine, name, figures=figure(numerator=99, denominator=99)) == ()


@pytest.mark.parametrize(
    ("level", "entity", "points", "counted"), [("school", A, 30, 100), ("county", "411302", 15, 1000)]
)
def test_a_jump_from_year_to_year(engine: Engine, level: str, entity: str, points: int, counted: int) -> None:
    def jump(moved: float, denominator: int) -> tuple[Place, ...]:
        place = {"level": level, "entity": entity}
        last = figure(value=0.5 - moved, denominator=10_000, **place)
        now = figure(value=0.5, denominator=denominator, **place)
        return found(engine, f"indicator_values.{level}_jump", "year_on_year", figures=now, last_indicator_values=last)

    assert jump(points / 100 + 0.001, counted) == (Place(YEAR, "411302", 1),)
    assert jump(-points / 100 - 0.001, counted) == (Place(YEAR, "411302", 1),)
    assert jump(points / 100 - 0.001, counted) == () and jump(0.4, counted - 1) == ()


def test_inspections_without_a_fault(engine: Engine) -> None:
    def items(count: int, result: str, kind: str = "routine") -> tuple[Place, ...]:
        rows = pupils(count, f"'{kind}' as inspection_type, {result} as result", YEAR)
        return found(engine, "food_inspection.all_pass", food_inspection=rows)

    assert items(500, "'pass'") == (Place(YEAR, "411302", 1),)
    assert (
        items(499, "'pass'") == ()
        and items(500, "if(i = 0, 'fail', 'pass')") == ()
        and items(500, "'pass'", "self") == ()
    )


def test_screenings_without_an_absence(engine: Engine) -> None:
    def shown(count: int, attended: str) -> tuple[Place, ...]:
        return found(
            engine,
            "film_screening.all_attended",
            film_screening=pupils(count, f"40 as expected, {attended} as attended"),
        )

    assert shown(50, "40") == HERE
    assert shown(49, "40") == () and shown(50, "if(i = 0, 39, 40)") == ()


def test_volumes(engine: Engine) -> None:
    roster = f"select '{AUTUMN}' as period, '{A}' as school, 100 as pupils"

    def seats(attended: int) -> tuple[Place, ...]:
        films = pupils(20, f"{attended} as attended")
        return found(engine, "film_screening.volume_above", film_screening=films, roster_by_school=roster)

    def inspected(count: int) -> tuple[Place, ...]:
        return found(
            engine, "food_inspection.volume_above", food_inspection=pupils(count, "'I' || i as inspection_id", YEAR)
        )

    def covered(feed: str, rows: int) -> tuple[Place, ...]:
        linked = f"select '{feed}' as feed, '{YEAR}' as period, '{A}' as school, {rows} as row_count, 0 as unlinked"
        return found(engine, f"{feed}.volume_below", linked_by_school=linked, roster_by_school=roster)

    assert seats(101) == HERE and seats(100) == ()
    assert inspected(251) == (Place(YEAR, "411302", 1),) and inspected(250) == ()
    for feed in ("physical_exam", "fitness_test"):
        assert covered(feed, 49) == (Place(YEAR, "411302", 1),) and covered(feed, 50) == ()


def test_canteens_of_two_registers(engine: Engine) -> None:
    def told(canteens: int) -> tuple[Place, ...]:
        return found(
            engine,
            "kitchen_register.canteens_as_registered",
            kitchen_register=pupils(1, f"{canteens} as canteens", YEAR),
        )

    assert told(5) == (Place(YEAR, "411302", 1),) and told(4) == ()


def test_grades_a_school_does_not_have(engine: Engine) -> None:
    def roster(junior: int, school: str) -> tuple[Place, ...]:
        return found(
            engine,
            "student_roster.grade_of_school",
            student_roster=pupils(40, f"if(i < {junior}, 7, 6) as grade", school=school),
        )

    assert roster(3, A) == HERE
    assert roster(2, A) == () and roster(40, B) == ()


def test_forms_of_a_county_against_its_rosters(engine: Engine) -> None:
    roster = f"select '{AUTUMN}' as period, '{A}' as school, 1000 as pupils"

    def told(pupils_told: int) -> tuple[Place, ...]:
        form = f"select '{A}' as school, {pupils_told} as pupils_primary, null::int as pupils_junior, null::int as pupils_senior"
        return found(engine, "school_form.county_total", school_form=form, roster_by_school=roster)

    assert told(899) == (Place(YEAR, "411302", 1),) and told(900) == ()


def test_a_reported_share_against_the_computed_one(engine: Engine) -> None:
    def reported(numerator: int, denominator: int = 100) -> tuple[Place, ...]:
        measure = (
            f"select '{YEAR}' as period, '{YEAR}' as measured_period, null::varchar as county, '{A}' as school, 'fitness_pass' as indicator,"
            f" 'primary' as stage, null::varchar as group_name, {numerator} as measure_numerator_e4, 100 as measure_denominator_e4"
        )
        return found(
            engine, "reported_measure.as_computed", reported_measure=measure, figures=figure(denominator=denominator)
        )

    assert reported(94) == (Place(YEAR, "411302", 1),)
    assert reported(96) == () and reported(50, 99) == ()


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("vision_check.date_in_semester", "date '2025-03-01' as check_date", "date '2025-02-28' as check_date"),
        ("film_screening.date_in_semester", "date '2024-08-31' as shown_on", "date '2024-09-01' as shown_on"),
        ("physical_exam.height_by_grade", "6 as grade, 1861 as height_mm", "6 as grade, 1860 as height_mm"),
        ("fitness_test.height_by_grade", "12 as grade, 1299 as height_mm", "12 as grade, 1300 as height_mm"),
        ("physical_exam.weight_by_grade", "1 as grade, 12499 as weight_g", "1 as grade, 12500 as weight_g"),
        ("fitness_test.weight_by_grade", "1 as grade, 70001 as weight_g", "1 as grade, 70000 as weight_g"),
        ("school_register.type", "'999' as school_type", "'514' as school_type"),
        ("commitment_evidence.dates", "date '2024-01-01' as expires_on, date '2024-01-02' as issued_on", "null::date as expires_on, date '2024-01-02' as issued_on"),
        ("case_event.closing_evidence", "'close' as event, null as closing_evidence, null as document_no",
         "'close' as event, null as closing_evidence, '1' as document_no"),
        ("case_event.codes", "'shrug' as event, null as recheck_result", "'close' as event, null as recheck_result"),
        ("commitment_evidence.codes", "'perhaps' as finding", "'partly' as finding"),
        ("county_certification.codes", "'self' as level, 'won' as outcome", "'self' as level, 'passed' as outcome"),
        ("reported_measure.codes", "'kindergarten' as stage", "'preschool' as stage"),
        *((f"{feed}.county", "'999999' as county", "'411300' as county")
          for feed in ("county_form", "reported_measure", "commitment_evidence", "county_certification", "case_event")),
    ],
)  # fmt: skip
def test_one_row(engine: Engine, name: str, bad: str, good: str) -> None:
    table = CHECKS[name].table
    assert found(engine, name, **{table: pupils(1, bad)}) == HERE
    assert found(engine, name, **{table: pupils(1, good)}) == ()


ITEMS = (
    "vital_capacity",
    "run_50m",
    "sit_reach",
    "rope",
    "sit_up",
    "pull_up",
    "shuttle_50x8",
    "standing_jump",
    "run_800m",
    "run_1000m",
)


@pytest.mark.parametrize(
    ("name", "grade", "participation", "bad", "good"),
    [
        ("fitness_test.tested_has_items", 1, "tested", None, "rope"),
        ("fitness_test.absent_has_none", 1, "exempt", "rope", None),
        ("fitness_test.items_of_grade", 6, "tested", "pull_up", "rope"),
        ("fitness_test.items_of_grade", 7, "tested", "shuttle_50x8", "standing_jump"),
    ],
)
def test_items_of_a_test(
    engine: Engine, name: str, grade: int, participation: str, bad: str | None, good: str | None
) -> None:
    def row(item: str | None) -> str:
        values = ", ".join(f"{'90' if c == item else 'null::int'} as {c}" for c in ITEMS)
        return pupils(1, f"{grade} as grade, '{participation}' as participation, {values}")

    assert found(engine, name, fitness_test=row(bad)) == HERE
    assert found(engine, name, fitness_test=row(good)) == ()


@pytest.mark.parametrize(
    ("feed", "bad", "good"),
    [
        ("county_form", {"exchange_eligible": 5, "exchanged": 6}, {"exchange_eligible": 5, "exchanged": 5}),
        ("school_form", {"teachers": 5, "certified_teachers": 6}, {"teachers": 5, "certified_teachers": 5}),
        ("reported_measure", {"indicator": "'SR'", "measure_numerator_e4": 2, "measure_denominator_e4": 1}, {"indicator": "'SR'", "measure_value_e4": 1}),
        ("commitment_evidence", {"commitment": "'NY-001'", "evidence_sha256": "'abc'"}, {"commitment": "'NY-001'", "evidence_sha256": "repeat('a', 64)"}),
        ("case_event", {"county": "null"}, {"county": "'411302'"}),
    ],
)  # fmt: skip
def test_rules_of_a_row_hold_after_it_was_stored(
    engine: Engine, feed: str, bad: dict[str, object], good: dict[str, object]
) -> None:
    from small_base import COMMON, FEEDS

    names = {"Int32": "int", "Int64": "bigint", "String": "varchar", "Date": "date", "Boolean": "boolean"}
    empty = ", ".join(
        f"null::{names.get(str(kind), 'varchar')} as {name}"
        for name, kind in {**COMMON, **FEEDS[feed]}.items()
        if name not in ("period", "school", "county")
    )

    def row(values: dict[str, object]) -> str:
        given = {"county": "'411302'", **values}
        changed = ", ".join(f"{value} as {name}" for name, value in given.items() if name != "county")
        base = f"select '{AUTUMN}' as period, null::varchar as school, {given['county']}::varchar as county, {empty}"
        return f"select * replace ({changed}) from ({base})" if changed else base

    where = Place(AUTUMN, "" if bad.get("county") == "null" else "411302", 1)
    assert found(engine, f"{feed}.rules", **{feed: row(bad)}) == (where,)
    assert found(engine, f"{feed}.rules", **{feed: row(good)}) == ()

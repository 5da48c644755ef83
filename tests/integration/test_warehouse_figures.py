"""The figures of a region counted by hand, through the real dbt project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest
from integration.base_fixtures import Row, delivery, hashes, marts_of, write_base
from integration.warehouse_world import AUTUMN, YEAR, A, B, C, correction, pupil, world

from orchestration.config import Home
from orchestration.warehouse import build
from orchestration.warehouse.export import read_current


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, pl.DataFrame]]:
    """The marts of the small region."""
    home = write_base(Home(tmp_path_factory.mktemp("region")), world())
    return home, marts_of(home, build(home).data_version.version)


Tables = dict[str, list[Row]]
Marts = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], tuple[Home, Marts]]:
    """Builds a region in a home that held another one before, which costs half of what a new home does."""
    home = Home(tmp_path_factory.mktemp("changing"))

    def change(tables: Tables) -> tuple[Home, Marts]:
        return home, marts_of(home, build(write_base(home, tables)).data_version.version)

    return change


# Three regions in which several things differ from the first, each in another school or feed, so that none stands in another's way.


@pytest.fixture(scope="module")
def corrected(changing: Callable[[Tables], tuple[Home, Marts]]) -> tuple[Marts, dict[str, pl.DataFrame]]:
    tables = world()
    return _kept(
        changing(
            tables
            | {
                "vision_check": tables["vision_check"] + correction(),
                "class_roster": tables["class_roster"] + wrong_grades(),
                "food_inspection": wide_rows(tables),
            }
        )
    )


@pytest.fixture(scope="module")
def coded(changing: Callable[[Tables], tuple[Home, Marts]]) -> tuple[Marts, dict[str, pl.DataFrame]]:
    tables = world()
    whole = again_as_a_whole(tables, "d0031", receipt=99)
    return _kept(changing(tables | {"vision_check": values_with_codes(tables) + whole}))


@pytest.fixture(scope="module")
def replaced(changing: Callable[[Tables], tuple[Home, Marts]]) -> tuple[Marts, dict[str, pl.DataFrame]]:
    tables = world()
    vision = [row | {"school": None} if row["delivery_id"] == "d0031" else row for row in rounds(tables)]
    whole = again_as_a_whole(tables, "d0030", receipt=99, payload_date=dt.date(2025, 1, 6))
    return _kept(
        changing(
            tables | {"vision_check": vision + whole, "food_inspection": tables["food_inspection"] + named_school()}
        )
    )


def _kept(built: tuple[Home, Marts]) -> tuple[Marts, dict[str, pl.DataFrame]]:
    """The marts, and the records of checks and inspections as they are now."""
    home, marts = built
    names = ("vision_checks", "food_inspections")
    return marts, {name: pl.read_parquet(home.records / name / "*.parquet") for name in names}


def figure(marts: dict[str, pl.DataFrame], name: str) -> tuple[object, ...]:
    """Numerator, denominator and status of a figure by its id."""
    rows = marts["indicator_values"].filter(pl.col("figure_id") == name)
    assert rows.height == 1, name
    return rows.select("numerator", "denominator", "status").row(0)


EXPECTED = {
    # two children of the merged school answer for A and were never checked; a11 came in December and is out of both sides
    f"vision_two_checks.{AUTUMN}.school.{A}.primary.all": (10, 13, "not_met"),
    f"vision_two_checks.{AUTUMN}.school.{A}.compulsory.sex=female": (5, 5, "met"),
    f"vision_two_checks.{AUTUMN}.school.{B}.junior.all": (0, 11, "not_met"),
    f"vision_two_checks.{AUTUMN}.city.411300.compulsory.all": (10, 24, "not_met"),
    # b0 is found by ID alone, b11 is suspended
    f"poor_vision.{AUTUMN}.school.{A}.primary.all": (4, 12, "no_target"),
    f"poor_vision.{AUTUMN}.school.{B}.junior.all": (10, 11, "no_target"),
    f"poor_vision_mild.{AUTUMN}.county.411321.primary.all": (4, 12, "no_target"),
    f"poor_vision_severe.{AUTUMN}.county.4113A1.junior.all": (10, 11, "no_target"),
    # a0 to a3: right eye not below 5.0, left eye 4.9 with -0.75 D
    f"screening_myopia.{AUTUMN}.school.{A}.primary.all": (4, 12, "no_target"),
    f"exam_coverage.{YEAR}.school.{A}.primary.all": (9, 14, "not_met"),
    f"exam_coverage.{YEAR}.school.{B}.junior.all": (None, 11, "not_reported"),
    f"exam_coverage.{YEAR}.county.4113A1.junior.all": (None, 11, "not_reported"),
    f"exam_coverage.{YEAR}.city.411300.compulsory.all": (9, 25, "not_met"),
    f"fitness_coverage.{YEAR}.school.{B}.junior.all": (9, 10, "not_met"),
    f"fitness_coverage.{YEAR}.school.{A}.primary.all": (None, 14, "not_reported"),
    f"health_file.{YEAR}.school.{A}.primary.all": (9, 14, "not_met"),
    f"health_file.{YEAR}.school.{B}.junior.all": (0, 11, "not_met"),
    f"films_per_pupil.{AUTUMN}.school.{A}.primary.all": (73, 70, "not_met"),
    f"films_two.{AUTUMN}.school.{A}.primary.grade=1": (33, 40, "not_met"),
    f"films_two.{AUTUMN}.school.{B}.junior.all": (None, 50, "not_reported"),
    f"canteens_inspected.{YEAR}.school.{A}.primary.all": (1, 2, "not_met"),
    f"canteens_inspected.{YEAR}.city.411300.compulsory.all": (1, 3, "not_met"),
    f"inspection_frequency_met.{YEAR}.school.{A}.compulsory.all": (1, 2, "not_met"),
    f"inspection_key_failed.{YEAR}.county.411321.primary.all": (1, 2, "no_target"),
    f"inspection_closed_on_time.{YEAR}.school.{A}.primary.all": (1, 1, "met"),
    f"kitchen_open.{YEAR}.school.{A}.primary.all": (2, 2, "no_target"),
    f"kitchen_internet.{YEAR}.school.{A}.primary.residence=urban": (1, 2, "not_met"),
    f"kitchen_open.{YEAR}.school.{B}.junior.all": (None, 1, "not_reported"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_figure_counted_by_hand(built: tuple[Home, dict[str, pl.DataFrame]], name: str) -> None:
    assert figure(built[1], name) == EXPECTED[name]


def test_a_closed_school_and_a_film_by_sex_have_no_figure(built: tuple[Home, dict[str, pl.DataFrame]]) -> None:
    values = built[1]["indicator_values"]
    assert values.filter(pl.col("entity") == C)["indicator"].unique().sort().to_list() == [
        "inspection_finding",
        "inspection_key_failed",
    ]
    assert values.filter(
        pl.col("indicator").str.starts_with("films") & pl.col("subgroup").str.starts_with("sex")
    ).is_empty()


def test_rows_the_register_refuses_go_back_with_a_sentence(built: tuple[Home, dict[str, pl.DataFrame]]) -> None:
    marts = built[1]
    refused = marts["rejected_rows"].sort("feed", "row_number")
    assert refused.select("feed", "rule", "column_name").rows() == [
        ("food_inspection", "unknown_school", "学校名称"),
        ("food_inspection", "closed_school", "学校标识码"),
        ("vision_check", "unknown_school", "学校标识码"),
    ]
    assert "2141999999" in refused["reason_zh"][2] and "2141900003" in refused["reason_zh"][1]
    parts = marts["delivery_parts"]
    assert parts.filter(pl.col("delivery_id") == "d0032")["rows_rejected"].sum() == 1
    assert parts["rows_read"].sum() == parts["rows_accepted"].sum() + parts["rows_rejected"].sum()


def wrong_grades() -> list[Row]:
    """A is a primary school, C a teaching point; grade 8 at A is wrong, grade 6 at B may be a 5-4 school."""
    wrong: list[Row] = [
        {"school": A, "grade": 8, "class_no": "1", "pupils": 44},
        {"school": A, "grade": 6, "class_no": "1", "pupils": 44},
        {"school": B, "grade": 1, "class_no": "1", "pupils": 44},
        {"school": B, "grade": 6, "class_no": "1", "pupils": 44},
    ]
    return delivery(72, wrong, period=AUTUMN, snapshot_on=dt.date(2024, 10, 1))


def test_a_grade_that_the_school_does_not_teach_goes_back(
    corrected: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    marts, _ = corrected
    back = marts["rejected_rows"].filter(pl.col("delivery_id") == "d0072").sort("row_number")
    assert back.select("row_number", "rule", "column_name").rows() == [
        (2, "grade_not_taught", "年级编号"),
        (4, "grade_not_taught", "年级编号"),
    ]
    assert (
        "读作八年级" in back["reason_zh"][0]
        and f"学校{A}" in back["reason_zh"][0]
        and "小学一年级至小学六年级" in back["reason_zh"][0]
    )
    part = marts["delivery_parts"].filter(pl.col("delivery_id") == "d0072")
    assert part.select("state", "rows_accepted", "rows_rejected").row(0) == ("loaded", 2, 2)


def test_a_record_of_nobody_on_the_roster_counts_nowhere_but_is_reported(
    built: tuple[Home, dict[str, pl.DataFrame]],
) -> None:
    cell = built[1]["coverage"].filter(
        (pl.col("feed") == "vision_check") & (pl.col("period") == AUTUMN) & (pl.col("county") == "4113A1")
    )
    assert cell.select("schools_expected", "schools_received", "rows_accepted", "rows_unlinked").row(0) == (1, 1, 13, 1)


def test_a_school_that_closed_stands_in_for_none_that_is_missing(built: tuple[Home, dict[str, pl.DataFrame]]) -> None:
    owed = built[1]["coverage"].filter((pl.col("schools_expected") > 0) & (pl.col("period").str.slice(0, 9) == YEAR))
    assert owed.filter(pl.col("schools_received") > pl.col("schools_expected")).is_empty()
    register = owed.filter((pl.col("feed") == "school_register") & (pl.col("county") == "411321"))
    # C closed in November and still sent its line of the register: its county owes one school, and two rows came
    assert register.select("schools_expected", "schools_received", "rows_accepted").row(0) == (1, 1, 2)


def test_an_area_that_only_the_register_knows_is_an_area(built: tuple[Home, dict[str, pl.DataFrame]]) -> None:
    areas = built[1]["areas"]
    assert areas.filter(pl.col("area") == "4113A1").select("name", "parent", "level").row(0) == (
        "官庄工区",
        "411300",
        "county",
    )


def test_no_token_and_no_birth_date_reaches_the_marts(built: tuple[Home, dict[str, pl.DataFrame]]) -> None:
    home, marts = built
    records = pl.read_parquet(home.records / "vision_checks" / "*.parquet")
    tokens = set(records["pupil"].unique())
    assert len(tokens) > 20
    for name, table in marts.items():
        assert not {"birth_date", "born", "pupil"} & set(table.columns), name
        for column in table.columns:
            assert table.schema[column] not in (pl.Binary, pl.Object), (name, column)
            if table.schema[column] == pl.String:
                assert not tokens & set(table[column].drop_nulls().unique()), (name, column)


def test_a_correction_overwrites_values_and_never_with_blanks(
    corrected: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    marts, records = corrected
    assert figure(marts, f"vision_two_checks.{AUTUMN}.school.{B}.junior.all")[:2] == (1, 11)
    # b1: the left eye's 4.8 of the first delivery stands beside the corrected right eye; b2's last check is good
    assert figure(marts, f"poor_vision_moderate.{AUTUMN}.school.{B}.junior.all")[:2] == (1, 11)
    assert figure(marts, f"poor_vision.{AUTUMN}.school.{B}.junior.all")[:2] == (9, 11)
    assert records["vision_checks"]["is_current"].all()  # the old row of b1 still gives its left eye


def values_with_codes(tables: Tables) -> list[Row]:
    """b1's right eye turns out not measured; b2's comes first as not measured, then with a value; b3's blank says nothing."""
    first = [
        row | {"va_right": None, "va_right_code": "not_measured"}
        if row["delivery_id"] == "d0032" and row.get("pupil_xjh") == pupil("b2", "one")["pupil_xjh"]
        else row
        for row in tables["vision_check"]
    ]
    on = dt.date(2024, 11, 5)
    again: list[Row] = [
        {"va_right_code": "not_measured", "va_left": 48} | pupil("b1", "one"),
        {"va_right": 51, "va_left": 51} | pupil("b2", "one"),
        {"glasses": "none"} | pupil("b3", "one"),
    ]
    later = delivery(61, again, period=AUTUMN, school=B, check_date=on, payload_date=dt.date(2024, 12, 20))
    return first + later


def test_a_value_and_its_code_are_corrected_as_one(coded: tuple[Marts, dict[str, pl.DataFrame]]) -> None:
    marts, records = coded
    # b1: 4.8 alone, no longer 4.5; b2: good, so that one less is poor
    assert figure(marts, f"poor_vision_severe.{AUTUMN}.school.{B}.junior.all")[:2] == (8, 11)
    assert figure(marts, f"poor_vision_moderate.{AUTUMN}.school.{B}.junior.all")[:2] == (1, 11)
    assert figure(marts, f"poor_vision.{AUTUMN}.school.{B}.junior.all")[:2] == (9, 11)
    replaced = records["vision_checks"].filter(~pl.col("is_current") & (pl.col("school") == B))
    # nothing of the first rows of b1 and b2 is in force any more
    assert sorted(replaced["pupil"]) == sorted(pupil(name, "one")["pupil_xjh"].hex() for name in ("b1", "b2"))


def rounds(tables: Tables) -> list[Row]:
    """B checks once, in November. Of five children the same round comes again without a date, of two of them with another eye."""
    dated = [
        row | {"round": 1} if row["delivery_id"] == "d0032" and row["school"] == B else row
        for row in tables["vision_check"]
    ]
    again: list[Row] = [
        {"school": B, "round": 1, "va_right": 50, "va_left": 50 if i < 3 else None} | pupil(f"b{i}", "one")
        for i in range(1, 6)
    ]
    # b6 has a second round that nobody dated, which is a check of its own.
    again.append({"school": B, "round": 2, "va_right": 45, "va_left": 45} | pupil("b6", "one"))
    undated = delivery(60, again, period=AUTUMN, payload_date=dt.date(2024, 12, 20))
    return dated + undated


def test_a_round_sent_with_and_without_its_date_is_one_check(
    replaced: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    marts, _ = replaced
    assert figure(marts, f"vision_two_checks.{AUTUMN}.school.{B}.junior.all")[:2] == (1, 11)
    # b1 and b2 are corrected to good eyes; b3 to b5 keep the left eye of the dated row
    assert figure(marts, f"poor_vision.{AUTUMN}.school.{B}.junior.all")[:2] == (8, 11)


def wide_rows(tables: Tables) -> list[Row]:
    """Two inspections of two items in one row each; of the one a single item is corrected later, of the other both."""
    items = [row for row in tables["food_inspection"] if row["inspection_id"] == "x1"]
    rows = []
    for check, wide, later, corrected in (("x7", 60, 61, (1,)), ("x8", 62, 63, (1, 5))):
        one = [row | {"inspection_id": check, "row_number": 2} for row in items]
        rows += [row | {"delivery_id": f"d00{wide}", "receipt": wide} for row in one]
        rows += [
            row | {"delivery_id": f"d00{later}", "receipt": later, "version": 1}
            for row in one
            if row["item"] in corrected
        ]
    return rows


def test_a_row_of_many_items_is_in_force_while_one_of_them_is(
    corrected: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    marts, records = corrected
    parts = {r["delivery_id"]: (r["state"], r["rows_accepted"]) for r in marts["delivery_parts"].iter_rows(named=True)}
    assert (parts["d0060"], parts["d0062"]) == (("loaded", 1), ("superseded", 1))
    for wide, current in (("d0060", True), ("d0062", False)):
        assert (
            records["food_inspections"].filter(pl.col("delivery_id") == wide)["is_current"].to_list() == [current] * 2
        )


def again_as_a_whole(tables: Tables, delivered: str, **more: object) -> list[Row]:
    """The rows of a delivery of vision checks, sent again as all that there is."""
    whole: Row = {"delivery_id": "d0099", "replace_scope": True, **more}
    return [row | whole for row in tables["vision_check"] if row["delivery_id"] == delivered]


def test_a_delivery_that_replaces_its_scope_supersedes_the_others(
    coded: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    marts, _ = coded
    assert figure(marts, f"vision_two_checks.{AUTUMN}.school.{A}.primary.all")[:2] == (0, 13)
    states = dict(
        marts["delivery_parts"]
        .filter((pl.col("feed") == "vision_check") & pl.col("delivery_id").is_in(["d0030", "d0031", "d0099"]))
        .select("delivery_id", "state")
        .rows()
    )
    assert states == {"d0030": "superseded", "d0031": "superseded", "d0099": "loaded"}


def named_school() -> list[Row]:
    """An inspection that replaces its scope and names its school only."""
    named = {
        "school": None,
        "school_name": "丙小学",
        "canteen": "main",
        "inspected_on": dt.date(2024, 10, 9),
        "item": 1,
    }
    return delivery(
        98,
        [named | {"inspection_id": "x9", "inspection_type": "routine", "result": "fail"}],
        period=YEAR,
        replace_scope=True,
        payload_date=dt.date(2024, 12, 1),
    )


def test_a_replacing_delivery_reaches_rows_whose_school_is_not_written(
    replaced: tuple[Marts, dict[str, pl.DataFrame]],
) -> None:
    """A's December check came without the school's code; an inspection names its school. Both lie in a replaced scope."""
    marts, records = replaced
    assert figure(marts, f"vision_two_checks.{AUTUMN}.school.{A}.primary.all")[:2] == (0, 13)
    states = dict(marts["delivery_parts"].select("delivery_id", "state").rows())
    assert (states["d0030"], states["d0031"], states["d0099"]) == ("superseded", "superseded", "loaded")
    inspections = records["food_inspections"].filter(pl.col("school") == C)
    assert inspections.sort("delivery_id").select("delivery_id", "is_current").rows() == [
        ("d0054", False),
        ("d0098", True),
    ]


def test_the_marts_do_not_depend_on_the_pseudonym_key(
    built: tuple[Home, dict[str, pl.DataFrame]], changing: Callable[[Tables], tuple[Home, Marts]]
) -> None:
    home, _ = changing(world("another key"))
    version = read_current(home)["built"]
    assert hashes(home.marts / str(version)) == hashes(next(iter(built[0].marts.glob("????????????????"))))

"""Files made by others: each gets the verdict a clerk would give it. Skipped where the folder beside the checkout is absent."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from deliveries import AUTUMN, SCHOOL, YEAR, Outcome, deliver, land_all, new_home

from orchestration.config import Home

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "real"
pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"no real files: {REAL} is absent (they may not be copied into the project)"
)

RAW = "cn_tice_raw_843rows.xlsx"
TYPO = "cn_tice_11rows_header_typo_partial_rename.xlsx"
EMPTY = "cn_fitness_upload_header_only_18cols.biff.xls"
PRINTED = "cn_fitness_test_roster_sheet_title_notes_rows.biff.xls"
TEMPLATE = "cn_school_health_ImportStudentTemplate.xlsx"
MYOPIA = "cn_myopia_prevalence_by_province_grade.csv"
AUSTIN = "us_austin_inspections_socrata.csv.gz"
PLACE = f"{SCHOOL}/{YEAR}"

TYPO_OVERLAY = "columns: {sit_reach: {headers: [作为体前屈]}}"
EYES_OVERLAY = "columns: {va_left: {headers: [左眼]}, va_right: {headers: [右眼]}}"
AUSTIN_OVERLAY = """
columns:
  inspection_id: {headers: [id]}
  school_name: {headers: [restaurant_name]}
  inspected_on: {headers: [inspection_date]}
  conclusion: {headers: [score], reads: {type: threshold, pass_from: 70}}
  inspection_type: {headers: [process_description], reads: {type: code, codes: {routine: [Routine Inspection]}, unknown: special}}
"""


def overlay(home: Home, feed: str, text: str) -> None:
    home.overlays.mkdir(exist_ok=True)
    (home.overlays / f"{feed}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """All of them landed at once, with a school and a school year as context and no overlay."""
    home = new_home(tmp_path_factory.mktemp("real") / "home")
    for name in (RAW, TYPO, EMPTY, PRINTED, TEMPLATE):
        deliver(home, f"{PLACE}/{name}", (REAL / name).read_bytes())
    for name in (MYOPIA, AUSTIN):
        deliver(home, name, (REAL / name).read_bytes())
    return land_all(home)


def test_fitness_and_vision_of_one_sheet(landed: Outcome) -> None:
    parts = landed.parts.filter(pl.col("path") == f"{PLACE}/{RAW}").sort("feed")
    assert parts.select("feed", "state", "rows_read", "rows_accepted", "rows_rejected").rows() == [
        ("fitness_test", "loaded", 843, 843, 0), ("vision_check", "loaded", 843, 843, 0),
    ]  # fmt: skip
    delivery = parts["delivery_id"][0]
    fitness = landed.base("fitness_test", YEAR).filter(pl.col("delivery_id") == delivery)
    vision = landed.base("vision_check", AUTUMN).filter(pl.col("delivery_id") == delivery)
    assert fitness["pupil_no"].n_unique() == vision["pupil_no"].n_unique() == 843
    assert set(fitness["pupil_no"]) == set(vision["pupil_no"])
    first = fitness.row(0, named=True)
    assert (first["sex"], first["height_mm"], first["weight_g"], first["vital_capacity"], first["run_50m"]) == (
        "male",
        1620,
        60_000,
        3875,
        66,
    )
    assert (first["sit_reach"], first["standing_jump"], first["run_1000m"], first["run_800m"], first["pull_up"]) == (
        213,
        268,
        223,
        None,
        6,
    )
    assert vision.row(0, named=True)["va_left"] == 41
    assert (
        fitness.filter(pl.col("sex") == "female")["run_800m"].null_count()
        < fitness.filter(pl.col("sex") == "female").height / 10
    )


def test_the_same_sheet_without_a_school_waits_for_the_roster(home: Home) -> None:
    deliver(home, f"fitness_test/{YEAR}/{RAW}", (REAL / RAW).read_bytes())
    out = land_all(home)
    base = out.base("fitness_test")
    assert (
        base.height,
        base["school"].null_count(),
        base["pupil_no"].null_count(),
        base["pupil_num"].null_count(),
    ) == (843, 843, 843, 0)


def test_header_only_and_numbered_rows_load_with_a_sentence(landed: Outcome) -> None:
    for name, read in ((EMPTY, 0), (PRINTED, 50)):
        part = landed.part(f"{PLACE}/{name}")
        assert (part["feed"], part["state"], part["rows_read"], part["rows_not_data"]) == (
            "fitness_test",
            "loaded",
            read,
            read,
        )
        assert "没有数据行" in part["reason"]


def test_the_example_row_of_the_student_template_is_not_data(landed: Outcome) -> None:
    parts = landed.parts.filter(pl.col("path") == f"{PLACE}/{TEMPLATE}")
    assert parts.select("feed", "state", "rows_read", "rows_not_data").rows() == [
        ("student_roster", "loaded", 1, 1),
        (None, "loaded", 2, 2),
    ]
    assert landed.base("student_roster").height == 0


@pytest.mark.parametrize("name", [MYOPIA, AUSTIN])
def test_what_is_none_of_the_feeds_is_refused_with_a_sentence_that_says_so(landed: Outcome, name: str) -> None:
    state, rule, sentence = landed.verdict(name)
    assert (state, rule) == ("rejected", "unknown_layout")
    assert "不是本平台的任何一种报表" in sentence
    assert "视力检查" in sentence


def test_header_typo_is_taken_through_an_overlay(home: Home, landed: Outcome) -> None:
    plain = landed.base("fitness_test").filter(pl.col("delivery_id") == landed.part(f"{PLACE}/{TYPO}")["delivery_id"])
    assert plain["sit_reach"].null_count() == plain.height == 11
    overlay(home, "fitness_test", TYPO_OVERLAY)
    overlay(home, "vision_check", EYES_OVERLAY)
    deliver(home, f"{PLACE}/{TYPO}", (REAL / TYPO).read_bytes())
    out = land_all(home)
    fitness, vision = out.base("fitness_test"), out.base("vision_check")
    assert (fitness.height, vision.height, out.rejected.height) == (11, 11, 0)
    assert fitness["sit_reach"].null_count() == fitness["height_mm"].null_count() == 5
    assert fitness.select("sex", "sit_reach", "standing_jump", "run_50m").row(0) == ("female", 160, 180, 86)
    assert vision.select("va_left", "va_right").row(1) == (45, 45)


def test_inspections_of_another_city_through_an_overlay(home: Home) -> None:
    overlay(home, "food_inspection", AUSTIN_OVERLAY)
    deliver(home, AUSTIN, (REAL / AUSTIN).read_bytes())
    out = land_all(home)
    lines = list(csv.DictReader(io.StringIO(gzip.decompress((REAL / AUSTIN).read_bytes()).decode())))
    part = out.part(AUSTIN)
    assert part["rows_read"] == len(lines)
    assert part["rows_read"] == part["rows_accepted"] + part["rows_rejected"] + part["rows_not_data"]
    base = out.base("food_inspection")
    assert part["rows_accepted"] == base.height == len(lines)
    assert base["school"].null_count() == base.height
    assert base["conclusion"].null_count() == sum(x["score"] == "NA" for x in lines)
    assert base.filter(pl.col("conclusion") == "fail").height == sum(
        x["score"] != "NA" and int(x["score"]) < 70 for x in lines
    )
    assert set(base["inspection_type"].drop_nulls()) <= {"routine", "special"}
    assert base["inspection_id"].n_unique() == base.height
    assert base["inspected_on"].null_count() == 0

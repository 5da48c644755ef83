"""The commitments of a small region, judged by hand: every route, what binds whom, and what no data must never become."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from integration.base_fixtures import Row, delivery, marts_of, write_base
from integration.warehouse_world import AUTUMN, YEAR, A, B, world

from orchestration.config import Home
from orchestration.warehouse import build
from orchestration.warehouse.export import read_current

D = "3164900004"  # a junior school of 平罗
CITY, NANZHAO, GUANZHUANG, PINGLUO, PINGLUO_CITY = "411300", "411321", "4113A1", "640221", "640200"
BEFORE = "2023-2024"
SHA = "ab" * 32


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def documents() -> list[Row]:
    """Documents that show something: done, partly, expired, carried on, overtaken, of an item, of a school."""
    common = {"title": "文件", "evidence_sha256": SHA}
    rows: list[Row] = [
        {"commitment": "NY-111", "county": NANZHAO, "finding": "done", "document_no": "召政〔2024〕1号", "issued_on": day("2024-09-10")},
        {"commitment": "NY-111", "county": GUANZHUANG, "finding": "partly", "document_no": "官〔2024〕1号", "issued_on": day("2024-09-10")},
        {"commitment": "NY-054", "county": NANZHAO, "finding": "done", "document_no": "召教〔2024〕2号", "issued_on": day("2024-09-10")},
        {"commitment": "NY-054", "county": NANZHAO, "finding": "not_done", "document_no": "召教〔2024〕3号", "issued_on": day("2024-11-10")},
        {"commitment": None, "indicator": "G1", "county": NANZHAO, "finding": "done", "document_no": "召教〔2024〕4号", "issued_on": day("2024-10-10")},
        {"commitment": "NY-022", "school": A, "finding": "done", "document_no": "甲〔2024〕1号", "issued_on": day("2024-10-10")},
        {"commitment": "NY-071", "county": CITY, "finding": "done", "document_no": "宛卫〔2024〕9号", "issued_on": day("2024-12-10")},
    ]  # fmt: skip
    old: list[Row] = [
        {"commitment": "NY-095", "county": NANZHAO, "finding": "done", "document_no": "召政〔2023〕5号", "issued_on": day("2023-10-10"),
         "expires_on": day("2026-01-01")},
        {"commitment": "NY-094", "county": NANZHAO, "finding": "done", "document_no": "召政〔2023〕6号", "issued_on": day("2023-10-10")},
        {"commitment": "NY-105", "county": NANZHAO, "finding": "done", "document_no": "召政〔2023〕7号", "issued_on": day("2023-10-10"),
         "expires_on": day("2024-12-31")},
    ]  # fmt: skip
    return delivery(90, rows, period=YEAR, **common) + delivery(91, old, period=BEFORE, **common)


def measures() -> list[Row]:
    """Figures the bureau reports: shares, percent, a value, a later one, two years."""
    rows: list[Row] = [
        {"commitment": "NY-057", "county": NANZHAO, "measure_numerator_e4": 980000, "measure_denominator_e4": 1000000},
        {"commitment": "NY-057", "county": GUANZHUANG, "measure_value_e4": 1000000, "unit": "%"},
        {"commitment": "NY-041", "county": NANZHAO, "measure_numerator_e4": 900000, "measure_denominator_e4": 1000000,
         "measured_period": "2024-2025-1", "measured_on": day("2024-12-01")},
        {"commitment": "NY-041", "county": NANZHAO, "measure_numerator_e4": 50000, "measure_denominator_e4": 50000,
         "measured_period": "2024-2025-2", "measured_on": day("2025-06-01"), "document_no": "召教〔2025〕1号"},
        {"commitment": "NY-072", "county": NANZHAO, "measure_value_e4": 600000, "unit": "分钟"},
        {"commitment": "NY-113", "county": NANZHAO, "measure_value_e4": 90000, "unit": "人"},
        {"commitment": "NY-045", "county": NANZHAO, "measure_value_e4": 120000, "unit": "人"},
    ]  # fmt: skip
    old: list[Row] = [
        {"commitment": "NY-113", "county": NANZHAO, "measure_value_e4": 80000, "unit": "人"},
    ]
    return delivery(92, rows, period=YEAR) + delivery(93, old, period=BEFORE)


def region() -> dict[str, list[Row]]:
    """The small region, a county of another document, and the yearly feeds."""
    tables = world()
    there = {"period": YEAR, "residence": "town", "snapshot_on": day("2024-10-01"), "opened_on": day("1990-09-01")}
    school: Row = {"school": D, "school_name": "丁中学", "county": PINGLUO, "school_type": "311", "canteens": 0}
    now: list[Row] = [{"school": D, "grade": 7, "class_no": str(i), "pupils": 50} for i in (1, 2)]
    then: list[Row] = [{"school": D, "grade": 7, "class_no": str(i), "pupils": n} for i, n in ((1, 60), (2, 55))]
    states: list[Row] = [
        {"county": NANZHAO, "level": "state", "outcome": "passed", "decided_on": day("2025-05-01"), "document_no": "国教督〔2025〕1号"},
        {"county": PINGLUO, "level": "province", "outcome": "passed", "decided_on": day("2025-01-01"), "document_no": "宁教督〔2025〕1号"},
        {"county": PINGLUO, "level": "self", "outcome": "applied", "decided_on": day("2024-10-01")},
    ]  # fmt: skip
    events: list[Row] = [
        {
            "county": NANZHAO,
            "case_no": "T1",
            "event": "praise",
            "happened_on": day("2025-03-01"),
            "document_no": "宛政〔2025〕3号",
        },
        {"county": NANZHAO, "case_no": "T2", "event": "interview", "happened_on": day("2025-03-01")},
    ]
    form: list[Row] = [{"county": NANZHAO, "exchange_eligible": 100, "exchanged": 10}]
    return tables | {
        "school_register": tables["school_register"] + delivery(80, [school], **there),
        "class_roster": tables["class_roster"]
        + delivery(81, now, period=AUTUMN, snapshot_on=day("2024-10-01"))
        + delivery(82, then, period=f"{BEFORE}-1", snapshot_on=day("2023-10-01")),
        "county_certification": delivery(94, states, period=YEAR),
        "case_event": delivery(95, events, period=YEAR),
        "county_form": delivery(96, form, period=YEAR),
        "commitment_evidence": documents(),
        "reported_measure": measures(),
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with that region, built."""
    made = write_base(Home(tmp_path_factory.mktemp("promises")), region())
    build(made)
    return made


@pytest.fixture(scope="module")
def rows(home: Home) -> pl.DataFrame:
    """The mart of that region."""
    return marts_of(home, str(read_current(home)["built"]))["commitments"]


def one(rows: pl.DataFrame, commitment: str, entity: str, period: str = YEAR) -> dict[str, object]:
    found = rows.filter(
        (pl.col("commitment") == commitment) & (pl.col("entity") == entity) & (pl.col("period") == period)
    )
    assert found.height == 1, (commitment, entity, period, found.height)
    return found.row(0, named=True)


EXPECTED = {
    # computed: 10 of 100 is the line; the city waits for the other county's form
    ("NY-042", NANZHAO, YEAR): "met",
    ("NY-042", CITY, YEAR): "not_reported",
    ("NY-042", GUANZHUANG, YEAR): "not_reported",
    ("NY-068", A, AUTUMN): "not_met",
    ("NY-029", NANZHAO, AUTUMN): "met",
    # certified in time; a state due in 2020 and never passed; a province's acceptance due in 2019 and passed in 2025
    ("NY-014", NANZHAO, YEAR): "met",
    ("NY-014", NANZHAO, BEFORE): "not_due",
    ("PL-030", PINGLUO, YEAR): "not_met",
    ("PL-027", PINGLUO, YEAR): "not_met",
    # 1 of 13 counties, asked for 2027: three of them
    ("NY-001", CITY, YEAR): "not_due",
    ("HN-001", "410000", YEAR): "not_due",
    ("HN-001", CITY, YEAR): "not_due",
    # large classes fell from one to none; nothing to compare the first year with
    ("PL-009", PINGLUO, YEAR): "met",
    ("PL-009", PINGLUO, BEFORE): "no_target",
    ("PL-017", PINGLUO, f"{BEFORE}-1"): "not_met",
    ("PL-017", D, AUTUMN): "met",
    # reported: 98 of 100; 100 %; the later figure; a trend; a number without a target
    ("NY-057", NANZHAO, YEAR): "not_met",
    ("NY-057", GUANZHUANG, YEAR): "met",
    ("NY-057", CITY, YEAR): "not_met",
    ("NY-041", NANZHAO, YEAR): "met",
    ("NY-072", NANZHAO, YEAR): "met",
    ("NY-113", NANZHAO, YEAR): "met",
    ("NY-045", NANZHAO, YEAR): "no_target",
    ("NY-062", NANZHAO, YEAR): "not_reported",
    # evidenced
    ("NY-111", NANZHAO, YEAR): "met",
    ("NY-111", GUANZHUANG, YEAR): "not_met",
    ("NY-111", CITY, YEAR): "not_met",
    ("NY-054", NANZHAO, YEAR): "not_met",
    ("NY-019", NANZHAO, YEAR): "met",
    ("NY-019", CITY, YEAR): "not_reported",
    ("NY-022", A, YEAR): "met",
    ("NY-022", NANZHAO, YEAR): "met",
    ("NY-071", CITY, YEAR): "met",
    ("NY-095", NANZHAO, YEAR): "met",
    ("NY-094", NANZHAO, YEAR): "not_reported",
    ("NY-105", NANZHAO, YEAR): "not_reported",
    ("NY-101", NANZHAO, YEAR): "met",
    ("NY-102", NANZHAO, YEAR): "not_reported",
    # before the document there was nothing to keep
    ("NY-062", NANZHAO, BEFORE): "not_due",
    ("NY-016", CITY, YEAR): "no_target",
    # elsewhere
    ("GG-001", CITY, YEAR): "not_applicable",
    ("GG-001", PINGLUO_CITY, YEAR): "not_applicable",
    ("NY-042", PINGLUO_CITY, YEAR): "not_applicable",
    ("PL-030", CITY, YEAR): "not_applicable",
    ("NY-002", "411325", YEAR): "not_due",  # a county that the document names and that never delivered
}


@pytest.mark.parametrize("key", EXPECTED, ids="/".join)
def test_a_commitment_stands_as_counted_by_hand(rows: pl.DataFrame, key: tuple[str, str, str]) -> None:
    assert one(rows, *key)["status"] == EXPECTED[key]


def test_every_commitment_has_rows_and_each_row_is_one(rows: pl.DataFrame) -> None:
    assert rows["commitment"].n_unique() == 455
    assert not rows.select("commitment", "entity", "period").is_duplicated().any()
    assert set(rows["route"]) == {"computed", "reported", "evidenced", "narrative"}
    assert rows.filter(pl.col("route") == "narrative")["commitment"].unique().sort().to_list() == [
        "HN-038",
        "NY-016",
        "QH-086",
    ]


def test_no_data_is_never_met(rows: pl.DataFrame) -> None:
    assert rows.filter(
        (pl.col("status") == "met") & pl.col("evidence").is_null() & pl.col("value").is_null()
    ).is_empty()
    assert rows.filter((pl.col("status") == "not_applicable") & pl.col("value").is_not_null()).is_empty()


def test_what_is_behind_a_status_is_named(rows: pl.DataFrame) -> None:
    figure = one(rows, "NY-042", NANZHAO)
    assert figure["figure_id"] == f"G11.{YEAR}.county.{NANZHAO}.compulsory.all" == figure["evidence"]
    assert (figure["numerator"], figure["denominator"], figure["operator"], figure["target"]) == (10, 100, ">=", 0.1)
    assert one(rows, "NY-111", NANZHAO)["evidence"] == f"召政〔2024〕1号 2024-09-10 sha256:{SHA}"
    assert one(rows, "NY-041", NANZHAO)["evidence"] == "召教〔2025〕1号 2025-06-01"
    assert one(rows, "NY-014", NANZHAO)["evidence"] == "国教督〔2025〕1号 2025-05-01"
    assert one(rows, "NY-101", NANZHAO)["evidence"] == "宛政〔2025〕3号 2025-03-01"
    late = one(rows, "PL-027", PINGLUO)
    assert (late["value"], late["evidence"]) == (0.0, "宁教督〔2025〕1号 2025-01-01")


def test_a_city_is_judged_by_all_its_counties_and_a_share_by_all_on_the_list(rows: pl.DataFrame) -> None:
    rolled = one(rows, "NY-111", CITY)
    assert (rolled["numerator"], rolled["denominator"], rolled["evidence"]) == (1, 2, "1/2")
    share = one(rows, "NY-001", CITY)  # 官庄工区 is a zone and no thirteenth county
    assert (share["numerator"], share["denominator"]) == (1, 13)
    assert one(rows, "HN-001", "410000")["denominator"] == 157


def test_an_implied_target_stays_implied(rows: pl.DataFrame) -> None:
    assert one(rows, "NY-078", CITY)["threshold_source"] == "implied"
    assert one(rows, "NY-064", CITY)["threshold_source"] == "seed_number"


def test_a_commitment_of_the_city_or_the_province_binds_nobody_below(rows: pl.DataFrame) -> None:
    def bound(commitment: str) -> list[str]:
        kept = rows.filter((pl.col("commitment") == commitment) & (pl.col("status") != "not_applicable"))
        return kept["entity"].unique().sort().to_list()

    assert bound("NY-093") == [CITY]
    assert bound("HN-041") == ["410000"]
    assert bound("PL-002") == [PINGLUO]
    assert bound("NY-057") == [CITY, NANZHAO, GUANZHUANG]
    assert B not in bound("NY-057")


def test_a_document_that_comes_late_is_seen_by_the_years_after(home: Home, rows: pl.DataFrame) -> None:
    """Certified in a year that is delivered again: the later year's figure moves with it."""
    assert rows.height  # read before this home changes
    tables = region()
    old = delivery(
        97,
        [
            {
                "county": GUANZHUANG,
                "level": "state",
                "outcome": "passed",
                "document_no": "教督〔2023〕9号",
                "decided_on": day("2023-12-01"),
            }
        ],
        period=BEFORE,
    )
    write_base(home, tables | {"county_certification": tables["county_certification"] + old})
    figures = marts_of(home, build(home).data_version.version)["indicator_values"]
    found = figures.filter(pl.col("figure_id") == f"certified_state.{YEAR}.county.{GUANZHUANG}.compulsory.all")
    assert found["numerator"].to_list() == [1]

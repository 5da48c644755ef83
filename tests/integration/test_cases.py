"""Cases of a small region over three school years, through the real dbt project: opened by figures, closed and reopened by what is delivered."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from integration.base_fixtures import Row, delivery, marts_of, write_base
from integration.warehouse_world import YEAR, A, B, day, register

from orchestration.config import Home
from orchestration.warehouse import build
from orchestration.warehouse.export import read_current

Rebuilt = Callable[[dict[str, list[Row]]], Home]
NEXT, LAST = "2025-2026", "2026-2027"
COUNTY = "411321"
SCHOOL_CASE = f"kitchen_internet.{A}.primary.{YEAR}"
COUNTY_CASE = f"kitchen_internet.{COUNTY}.primary.{YEAR}"


def kitchens(year: str, number: int, on_line: int) -> list[Row]:
    """A has two canteens; B has one, open from the first year on."""
    on = day(f"{year[:4]}-11-01")
    rows: list[Row] = [
        {"school": A, "canteens": 2, "open_kitchens": 2, "internet_kitchens": on_line, "counted_on": on},
        {"school": B, "canteens": 1, "open_kitchens": 1, "internet_kitchens": 1, "counted_on": on},
    ]
    return delivery(number, rows, period=year, payload_date=on)


def event(number: int, case: str, what: str, on: str, **more: object) -> list[Row]:
    """One event as the county sends it."""
    where = {} if "school" in more else {"county": COUNTY}
    row: Row = {"case_no": case, "event": what, "happened_on": day(on)} | where | more
    year = YEAR if on < "2025-09-01" else NEXT
    return delivery(number, [row], period=year, payload_date=day(on))


def first_year() -> dict[str, list[Row]]:
    """A fails in the first year; the county answers under its own number and opens a case of its own."""
    events = event(
        70, "县台账7", "open", "2025-01-10", school=A, indicator="kitchen_internet", kind="食堂", gap_stated="差1个"
    )
    events += event(71, "县台账7", "measure", "2025-02-10", measure="改造二食堂", office="县教体局")
    events += event(72, "县台账8", "open", "2025-03-01", planned_on=day("2025-06-30"), kind="管理")
    events += event(73, COUNTY_CASE, "close", "2025-04-01", recheck_on=day("2025-04-02"), recheck_result="passed")
    events += event(74, "县台账7", "notice", "2025-02-11", document_no="县教通〔2025〕3号", school=A)
    return {"school_register": register(), "kitchen_register": kitchens(YEAR, 60, 1), "case_event": events}


def closed() -> list[Row]:
    """The closing of A's case with evidence, and the re-check that follows it."""
    return event(75, "县台账7", "close", "2025-05-20", closing_evidence="验收照片") + event(
        76, "县台账7", "recheck", "2025-06-01", recheck_result="passed", document_no="县督〔2025〕5号"
    )


def case(marts: dict[str, pl.DataFrame], name: str) -> dict[str, object]:
    """A case by its number."""
    rows = marts["cases"].filter(pl.col("case_id") == name)
    assert rows.height == 1, name
    return rows.row(0, named=True)


@pytest.fixture(scope="module")
def steps(rebuilt: Rebuilt, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, pl.DataFrame]]:
    """The marts of one home after the first year, after the closing, after a good year and after a bad one."""
    tables = first_year()
    found = [marts_of(rebuilt(tables))]
    changes: list[dict[str, list[Row]]] = [
        {"case_event": closed()},
        {"kitchen_register": kitchens(NEXT, 61, 2)},
        {"kitchen_register": kitchens(LAST, 62, 1)},
    ]
    for change in changes:
        tables = tables | {feed: tables[feed] + rows for feed, rows in change.items()}
        found.append(marts_of(home := rebuilt(tables)))
    fresh = write_base(Home(tmp_path_factory.mktemp("fresh")), tables)
    assert build(fresh).data_version.version == read_current(home)["built"]
    return found


def test_a_failing_figure_opens_a_case_and_an_event_by_figure_finds_it(steps: list[dict[str, pl.DataFrame]]) -> None:
    row = case(steps[0], SCHOOL_CASE)
    assert (row["kind"], row["county"], row["school"], row["stage"]) == ("school_figure", COUNTY, A, "primary")
    assert (row["opened_on"], row["due_on"], row["gap"]) == (day("2024-12-31"), day("2026-08-31"), -0.5)
    assert (row["state"], row["measures"], row["office"]) == ("rectifying", 1, "县教体局")
    assert row["figure_id"] == f"kitchen_internet.{YEAR}.school.{A}.primary.all"
    # B's kitchen is on line, and its inspections were never reported: no case of either
    assert steps[0]["cases"].filter(pl.col("school") == B).is_empty()


def test_a_closing_without_evidence_closes_nothing(steps: list[dict[str, pl.DataFrame]]) -> None:
    row = case(steps[0], COUNTY_CASE)
    assert (row["kind"], row["state"], row["closed_on"], row["evidence"]) == ("county_figure", "open", None, None)


def test_a_number_of_the_bureau_that_fits_no_figure_is_a_case_of_its_own(steps: list[dict[str, pl.DataFrame]]) -> None:
    row = case(steps[0], "县台账8")
    assert (row["kind"], row["county"], row["kind_stated"], row["period"]) == ("stated", COUNTY, "管理", YEAR)
    assert (row["opened_on"], row["due_on"], row["state"]) == (day("2025-03-01"), day("2025-06-30"), "open")
    assert "县台账7" not in steps[0]["cases"]["case_id"]
    # the good year that follows tells that the day has passed
    assert [case(marts, "县台账8")["overdue"] for marts in steps] == [False, False, True, True]


def test_a_case_is_closed_with_evidence_and_re_check_and_reopened_by_its_figure(
    steps: list[dict[str, pl.DataFrame]],
) -> None:
    rows = [case(marts, SCHOOL_CASE) for marts in steps]
    assert [row["state"] for row in rows] == ["rectifying", "closed", "closed", "reopened"]
    assert [row["closed_on"] for row in rows] == [None, day("2025-05-20"), day("2025-05-20"), None]
    assert rows[1]["recheck_on"] == day("2025-06-01") and rows[1]["evidence"] == "验收照片"
    assert rows[3]["last_period"] == LAST and rows[3]["figure_id"] == f"kitchen_internet.{LAST}.school.{A}.primary.all"
    # the county's was never closed: its second failure is a case of its own
    again = case(steps[3], f"kitchen_internet.{COUNTY}.primary.{LAST}")
    assert (again["state"], again["opened_on"]) == ("open", day("2026-12-31"))
    assert case(steps[3], COUNTY_CASE)["state"] == "open"


def test_results_used_name_document_and_case(steps: list[dict[str, pl.DataFrame]]) -> None:
    used = steps[0]["results_used"]
    assert used.select("event", "document_no", "school", "case_id").rows() == [
        ("notice", "县教通〔2025〕3号", A, SCHOOL_CASE)
    ]


def test_without_figures_and_events_there_are_no_cases(rebuilt: Rebuilt) -> None:
    marts = marts_of(rebuilt({"school_register": register()}))
    assert marts["cases"].is_empty() and marts["results_used"].is_empty()

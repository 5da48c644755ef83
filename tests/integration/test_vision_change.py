"""Change of vision between rounds and years, through the real dbt project, against a second implementation."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import polars as pl
import pytest
import vision_naive as naive
from integration.base_fixtures import Row, delivery, marts_of, token
from integration.warehouse_world import AUTUMN, A, day, register

from orchestration.config import Home

BEFORE = "2023-2024-1"
PUPILS = 400
Looks = dict[str, list[naive.Look]]
Counts = dict[str, list[int]]


def looks_of(rng: random.Random, year: int, births: dict[str, dt.date]) -> Looks:
    """None to three checks of each pupil in an autumn, on distinct days; in half of them the rounds say their number."""
    found: Looks = {}
    for pupil in births:
        days = sorted(rng.sample(range(90), rng.choice([0, 1, 1, 2, 2, 2, 3])))
        numbered = rng.random() < 0.5
        first = rng.choice([1, 1, 2])
        looks = []
        for place, after in enumerate(days):
            eye = [rng.choice([None, 46, 49, 50, 50, 51, 51]) for _ in range(2)]
            sphere = [rng.choice([None, -200, -75, -50, 0, 0, 25]) for _ in range(2)]
            number = min(first + place, 4) if numbered else None
            looks.append(
                naive.Look(
                    dt.date(year, 9, 10) + dt.timedelta(after), number, eye[0], eye[1], sphere[0], sphere[1], rng.random() < 0.08
                )
            )  # fmt: skip
        found[pupil] = looks
    return found


def rows_of(looks: Looks) -> list[Row]:
    """The checks as a school sends them."""
    return [
        {
            "school": A, "pupil_xjh": token(f"xjh {pupil}"), "check_date": look.on, "round": look.round,
            "va_right": look.right, "va_left": look.left, "sphere_right": look.sphere_right, "sphere_left": look.sphere_left,
            "glasses": "ortho_k" if look.ortho_k else None,
        }
        for pupil, checks in looks.items() for look in checks
    ]  # fmt: skip


@pytest.fixture(scope="module")
def region(rebuilt: Callable[[dict[str, list[Row]]], Home]) -> tuple[dict[str, pl.DataFrame], Counts]:
    """A school of two years: the marts, and what the second implementation counts of the second."""
    rng = random.Random(7)
    births = {f"v{i}": day("2016-01-01") + dt.timedelta(rng.randrange(1100)) for i in range(PUPILS)}
    before, now = (looks_of(rng, year, births) for year in (2023, 2024))
    entered = {"school": A, "class_no": "1", "status": "在读", "entered_on": day("2022-09-01"), "sex": "male"}
    pupils = [entered | {"pupil_xjh": token(f"xjh {p}"), "birth_date": b} for p, b in births.items()]
    rosters: list[Row] = []
    checks: list[Row] = []
    for number, period, grade, looks in ((2, BEFORE, 1, before), (4, AUTUMN, 2, now)):
        on = day(f"{period[:4]}-10-01")
        rosters += delivery(
            number, [row | {"grade": grade} for row in pupils], period=period, payload_date=on, snapshot_on=on
        )
        checks += delivery(number + 1, rows_of(looks), period=period, payload_date=on)
    tables = {"school_register": register(), "student_roster": rosters, "vision_check": checks}
    return marts_of(rebuilt(tables)), naive.figures(births, before, now)


def test_every_figure_of_change_agrees_with_a_second_count(
    region: tuple[dict[str, pl.DataFrame], Counts],
) -> None:
    marts, theirs = region
    values = marts["indicator_values"].filter(
        (pl.col("period") == AUTUMN)
        & (pl.col("level") == "school")
        & (pl.col("stage") == "primary")
        & (pl.col("subgroup") == "all")
    )
    ours = {code: [num, den] for code, num, den in values.select("indicator", "numerator", "denominator").iter_rows()}
    assert len(theirs) == 16
    assert {code: ours[code] for code in theirs} == dict(theirs)
    assert all(0 < num < den for num, den in theirs.values()) and min(den for _, den in theirs.values()) > 10


def test_the_change_on_the_same_pupils_is_new_cases_less_recovered_ones(
    region: tuple[dict[str, pl.DataFrame], Counts],
) -> None:
    marts, theirs = region
    change = marts["vision_change"].filter(
        (pl.col("period") == AUTUMN) & (pl.col("level") == "county") & (pl.col("stage") == "primary")
    )
    assert change.height == 8  # two outcomes, two spans, two bases
    for name in ("poor_vision", "screening_myopia"):
        row = change.filter((pl.col("outcome") == name) & (pl.col("span") == "year") & (pl.col("basis") == "same")).row(
            0, named=True
        )
        new, free = theirs[f"{name}_new"]
        assert row["before_denominator"] == row["after_denominator"] == free + row["before_numerator"]
        recovered = row["before_numerator"] - (row["after_numerator"] - new)
        assert abs(row["change"] - (new - recovered) / row["after_denominator"]) < 1e-12
        alike = change.filter((pl.col("outcome") == name) & (pl.col("span") == "year") & (pl.col("basis") == "all"))
        assert alike["before_figure"].to_list() == [f"{name}.{BEFORE}.county.411321.primary.all"]


def test_the_page_of_screening_myopia_has_the_bound_with_its_dates(
    region: tuple[dict[str, pl.DataFrame], Counts],
) -> None:
    catalogue = region[0]["indicators"]
    text = catalogue.filter(pl.col("code") == "screening_myopia")["parameters"].item()
    assert "等效球镜与界值比较：<（2019-10-01起，" in text and "等效球镜界值：-0.50 D（2019-10-01起，" in text
    assert catalogue.filter(pl.col("code") == "poor_vision")["parameters"].item() is None

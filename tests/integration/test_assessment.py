"""The 31 indicators over a county of invented schools: the models against a naive second implementation, and the conjunction."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations_with_replacement

import assessment_naive as naive
import polars as pl
import pytest
from integration.base_fixtures import Row, delivery, marts_of

from orchestration.config import Home

Rebuilt = Callable[[dict[str, list[Row]]], Home]

YEAR = "2024-2025"
# One county that keeps every promise, one that breaks a veto, one whose only fault is that nobody showed Q5, one of random schools.
GOOD, VETOED, SILENT, MIXED = "411321", "411322", "411323", "411324"
ITEMS = ("G1", "G2", "G10", "G15", "Q3", "Q5", "Q6", "Q7", "Q8", "V1", "V2", "V3", "V4", "V5", "V6", "P1", "P2")
KINDS = {
    "211": ("primary",),
    "218": ("primary",),
    "311": ("junior",),
    "312": ("primary", "junior"),
    "341": ("junior", "senior"),
    "345": ("primary", "junior", "senior"),
    "514": ("primary", "junior"),
}


def form(rng: random.Random, kind: str, spread: float) -> Row:
    """A school form around the thresholds; spread 0 reaches all of them."""
    row: Row = {"residence": rng.choice(["urban", "town", "rural"]), "school_type": kind}
    for stage in KINDS[kind]:
        pupils = rng.randint(20, 60) if kind == "218" else rng.choice([60, 88, 240, 600, 900]) if spread else 600
        row |= {f"pupils_{stage}": pupils}
        if stage == "senior":
            continue
        limits = [Fraction(t) for t in naive.THRESHOLDS[stage]]

        def teachers(limit: Fraction, pupils: int = pupils) -> int:
            return -(-int(limit * pupils * 10) // 1000) + 1 + (rng.randint(-3, 3) if spread else 0)

        row |= {f"qualified_{stage}": max(0, teachers(limits[0])), f"backbone_{stage}": max(0, teachers(limits[1]))}
        row |= {f"pe_teachers_{stage}": max(0, teachers(limits[2])), f"music_teachers_{stage}": 0}
        row |= {f"art_teachers_{stage}": 0, f"classes_{stage}": -(-pupils // 40), f"largest_class_{stage}": 40}
        row |= {f"entry_{stage}": pupils // 6, f"zoned_{stage}": pupils // 6}
    pupils = sum(row.get(f"pupils_{s}", 0) for s in ("primary", "junior", "senior"))

    def stock(per_pupil: int) -> int:
        return int(pupils * per_pupil * (1 + (rng.uniform(-spread, spread) if spread else 0)))

    row |= {"floor_area_e2": stock(640), "ground_area_e2": stock(1150), "gym_area_e2": rng.choice([None, stock(40)])}
    row |= {"equipment_yuan": stock(2800), "media_rooms": -(-stock(29) // 1000) + 1, "visiting_teachers": 1}
    row |= {
        "music_rooms": 3,
        "art_rooms": 3 if not spread else rng.randint(1, 3),
        "classes_over_45": 0,
        "classes_over_50": 0,
    }
    row |= {"teachers": 50, "certified_teachers": 50, "training_due": 10, "training_done": 10, "budget_yuan": 1_000_000}
    row |= {
        "training_fund_yuan": 50_000,
        "cohort_start": 100,
        "cohort_in": 3,
        "cohort_out": 2,
        "cohort_died": 1,
        "graduates": 98,
    }
    return row | {"approved_fund_e2": 7_200_000}


@pytest.fixture(scope="module")
def forms() -> dict[str, Row]:
    """Forms by school code, with county, type and residence beside them."""
    rng = random.Random(31)
    found: dict[str, Row] = {}
    number = 0
    for county in (GOOD, VETOED, SILENT):
        for kind in ("211", "311", "312"):
            number += 1
            found[f"21{county}{number:02d}"] = form(rng, kind, 0) | {"county": county}
    for kind in KINDS:
        for _ in range(6):
            number += 1
            found[f"21{MIXED}{number:02d}"] = form(rng, kind, 0.5) | {"county": MIXED}
    return found


@pytest.fixture(scope="module")
def marts(forms: dict[str, Row], rebuilt: Rebuilt) -> dict[str, pl.DataFrame]:
    """Marts of the four counties."""
    beside = ("county", "residence", "school_type")
    register = [{"school": s, "school_name": s, "canteens": 0} | {k: f[k] for k in beside} for s, f in forms.items()]
    sheets = [{"school": s} | {k: v for k, v in f.items() if k not in beside} for s, f in forms.items()]
    counties: Row = {
        "fund_primary_e2": 72_000, "fund_junior_e2": 94_000, "special_fund_yuan": 600_000, "special_pupils": 100,
        "teacher_pay_yuan": 80_000, "servant_pay_yuan": 80_000, "exchange_eligible": 100, "exchanged": 10, "exchanged_backbone": 2,
        "quota_plan": 1000, "quota_shared": 500, "quota_rural": 1, "migrant_eligible": 100, "migrant_public": 80, "migrant_bought": 5,
        "disabled_children": 20, "disabled_enrolled": 19,
    }  # fmt: skip
    four = (GOOD, VETOED, SILENT, MIXED)
    evidence = [
        {"county": c, "indicator": item, "document_no": f"{c}{item}", "title": "材料", "finding": "not_done" if (c, item) == (VETOED, "V3") else "done"}
        for c in four for item in ITEMS if (c, item) != (SILENT, "Q5")
    ]  # fmt: skip
    measures = [
        {"county": c, "indicator": "SR", "group_name": "家长", "measure_numerator_e4": 5_100_000, "measure_denominator_e4": 6_000_000}
        for c in four
    ] + [
        {"county": c, "indicator": "RESIDENTS", "unit": "万人", "measure_value_e4": 400_000} for c in four
    ] + [
        {"county": c, "indicator": "Q9", "group_name": "数学", "unit": unit, "measure_value_e4": value}
        for c in four for unit, value in (("", 1499), ("级", 30_000))
    ]  # fmt: skip
    tables = {
        "school_register": delivery(1, register, period=YEAR),
        "school_form": delivery(2, sheets, period=YEAR),
        "county_form": delivery(3, [{"county": c} | counties for c in four], period=YEAR),
        "commitment_evidence": delivery(4, evidence, period=YEAR),
        "reported_measure": delivery(5, measures, period=YEAR, measured_period=YEAR),
    }
    return marts_of(rebuilt(tables))


def stages(forms: dict[str, Row]) -> list[tuple[str, str, Row]]:
    return [(s, stage, f) for s, f in forms.items() for stage in ("primary", "junior") if f.get(f"pupils_{stage}")]


def test_every_school_is_judged_as_the_naive_reading_judges_it(
    forms: dict[str, Row], marts: dict[str, pl.DataFrame]
) -> None:
    rows = {(r["school"], r["stage"]): r for r in marts["school_assessment"].iter_rows(named=True)}
    assert len(rows) == len(stages(forms))
    kept = broken = 0
    for school, stage, f in stages(forms):
        row = rows[school, stage]
        assert row["excluded_reason"] == naive.excluded(f)
        if row["excluded_reason"]:
            assert row["meets_rule"] is None and row["l1"] is None
            continue
        values = naive.resources(f, stage)
        for n, value in enumerate(values, 1):
            assert row[f"l{n}"] == pytest.approx(float(value), abs=1e-9), (school, stage, n)
        assert (row["indicators_met"], row["shortfall_ok"], row["meets_rule"]) == naive.meets_rule(values, stage)
        kept, broken = kept + row["meets_rule"], broken + (not row["meets_rule"])
    assert kept >= 12 and broken >= 5


def test_variation_agrees_with_the_naive_reading(forms: dict[str, Row], marts: dict[str, pl.DataFrame]) -> None:
    groups: dict[tuple[str, str], list[tuple[int, list[Fraction]]]] = defaultdict(list)
    for _, stage, f in stages(forms):
        if not naive.excluded(f):
            groups[f["county"], stage].append((f[f"pupils_{stage}"], naive.resources(f, stage)))
    rows = marts["county_variation"]
    assert rows.height == 7 * len(groups)
    for row in rows.iter_rows(named=True):
        schools = groups[row["county"], row["stage"]]
        cv = naive.variation([(p, values[int(row["indicator"][1]) - 1]) for p, values in schools])
        assert row["cv"] == pytest.approx(cv, abs=1e-9)
        assert row["cv_limit"] == {"primary": 0.5, "junior": 0.45}[row["stage"]]
        assert row["cv_met"] == (row["cv"] <= row["cv_limit"])
        assert (row["schools"], row["pupils"]) == (len(schools), sum(p for p, _ in schools))


def test_items_counted_from_school_forms(forms: dict[str, Row], marts: dict[str, pl.DataFrame]) -> None:
    assessed = [f for f in forms.values() if f["county"] == MIXED and not naive.excluded(f)]
    wanted = {
        "G3": (sum(naive.rooms_enough(f) for f in assessed), len(assessed)),
        "G6": (None, None),
        "G12": (50 * len(assessed), 50 * len(assessed)),
        "Q4": (50_000 * len(assessed), 1_000_000 * len(assessed)),
    }
    values = marts["indicator_values"].filter(
        (pl.col("entity") == MIXED) & (pl.col("stage") == "compulsory") & (pl.col("subgroup") == "all")
    )
    found = {r["indicator"]: (r["numerator"], r["denominator"]) for r in values.iter_rows(named=True)}
    for code, figure in wanted.items():
        if figure[1] is not None:
            assert found[code] == figure, code
    # retention is a figure of leavers: the primary school has none, whatever its form says
    junior = marts["indicator_values"].filter(
        (pl.col("indicator") == "Q1") & (pl.col("entity") == GOOD) & (pl.col("stage") == "junior")
    )
    assert junior.select("numerator", "denominator").row(0) == (97 * 2, 99 * 2)


def test_the_verdict_is_a_conjunction(marts: dict[str, pl.DataFrame]) -> None:
    rows = {(r["county"], r["gate"]): r for r in marts["county_verdict"].iter_rows(named=True)}
    for gate, total in (("resources", 7), ("government", 15), ("quality", 9), ("recognition", 1), ("veto", 6)):
        row = rows[GOOD, gate]
        assert (row["items_met"], row["items_total"], row["met"]) == (total, total, True), (gate, row["missing"])
    assert rows[GOOD, "overall"]["met"] and rows[GOOD, "overall"]["items_met"] == 31
    assert not rows[VETOED, "overall"]["met"] and rows[VETOED, "overall"]["items_met"] == 31
    assert rows[VETOED, "overall"]["missing"] == "veto=not_met" and rows[VETOED, "veto"]["missing"] == "V3=not_met"
    silent = rows[SILENT, "quality"]
    assert (silent["items_met"], silent["met"], silent["missing"]) == (8, False, "Q5=not_reported")
    assert rows[SILENT, "overall"]["status"] == "not_reported" and not rows[SILENT, "overall"]["met"]
    assert not rows[MIXED, "resources"]["met"] and rows[MIXED, "resources"]["schools_failing"] > 0


def test_a_blank_item_is_not_judged_by_those_who_filled_it_in(forms: dict[str, Row], rebuilt: Rebuilt) -> None:
    """One school of the good county leaves its teachers blank, another retains more than it had: neither stops the build."""
    schools = [s for s, f in forms.items() if f["county"] == GOOD]
    beside = ("county", "residence", "school_type")
    register = [{"school": s, "school_name": s, "canteens": 0} | {k: forms[s][k] for k in beside} for s in schools]
    sheets = [{"school": s} | {k: v for k, v in forms[s].items() if k not in beside} for s in schools]
    sheets[0] |= {"teachers": None, "certified_teachers": None}
    sheets[1] |= {"cohort_start": 100, "cohort_in": 0, "cohort_out": 30, "cohort_died": 0, "graduates": 90}
    tables = {"school_register": delivery(1, register, period=YEAR), "school_form": delivery(2, sheets, period=YEAR)}
    values = marts_of(rebuilt(tables))["indicator_values"].filter(pl.col("entity") == GOOD)
    found = {(r["indicator"], r["stage"]): (r["numerator"], r["status"]) for r in values.iter_rows(named=True)}
    assert found["G12", "compulsory"] == (None, "not_reported") and found["G9", "compulsory"][1] == "met"
    assert found["Q1", "junior"] == (120 + 97, "met")


def test_what_a_school_lacks_reaches_the_line_exactly(forms: dict[str, Row], marts: dict[str, pl.DataFrame]) -> None:
    per_hundred = {"L1": 0, "L2": 1, "L3": 2, "L7": 6}
    rows = marts["school_gaps"].filter(pl.col("kind") != "near")
    assert rows.height > 10
    for row in rows.iter_rows(named=True):
        f, n = forms[row["school"]], int(row["indicator"][1])
        value, pupils = naive.resources(f, row["stage"])[n - 1], f[f"pupils_{row['stage']}"]
        limit = Fraction(naive.THRESHOLDS[row["stage"]][n - 1])
        per = 100 if row["indicator"] in per_hundred else 1
        assert value < limit
        assert value + Fraction(row["lacking"] * per, pupils) >= limit
        assert value + Fraction((row["lacking"] - 1) * per, pupils) < limit
        assert (row["kind"] == "below_85") == (value * 100 < limit * 85)


def brute_force(schools: list[tuple[int, int]], limit: float) -> int:
    """The smallest number of units that can bring (pupils, stock) within the limit, by trying every way to place them."""
    for units in range(200):
        for places in combinations_with_replacement(range(len(schools)), units):
            stocks = [(p, Fraction(x + places.count(i), p)) for i, (p, x) in enumerate(schools)]
            if naive.variation(stocks) <= limit:
                return units
    raise AssertionError


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_least_addition_is_what_brute_force_finds(
    seed: int, additions: dict[int, pl.DataFrame], five: dict[int, list[tuple[int, int]]]
) -> None:
    found, schools = additions[seed], five[seed]
    assert found["county_addition"].unique().to_list() == [brute_force(schools, 0.5)]
    assert found["addition"].sum() == found["county_addition"][0]
    added = dict(found.select("school", "addition").iter_rows())
    after = [(p, Fraction(x + int(added.get(f"21{411400 + seed}{i:02d}", 0)), p)) for i, (p, x) in enumerate(schools)]
    assert naive.variation(after) <= 0.5 < naive.variation([(p, Fraction(x, p)) for p, x in schools])


@pytest.fixture(scope="module")
def five() -> dict[int, list[tuple[int, int]]]:
    """Counties of five schools: pupils and backbone teachers, unevenly spread."""
    return {
        1: [(200, 0), (300, 0), (400, 2), (500, 5), (600, 16)],
        2: [(100, 5), (100, 0), (900, 3), (150, 1), (400, 9)],
        3: [(250, 0), (250, 0), (250, 0), (250, 9), (250, 9)],
        4: [(800, 12), (60, 0), (70, 0), (90, 5), (333, 1)],
    }


@pytest.fixture(scope="module")
def additions(five: dict[int, list[tuple[int, int]]], rebuilt: Rebuilt) -> dict[int, pl.DataFrame]:
    """What the models add in each of these counties."""
    register, sheets = [], []
    for seed, schools in five.items():
        for i, (pupils, backbone) in enumerate(schools):
            code, county = f"21{411400 + seed}{i:02d}", str(411400 + seed)
            register.append(
                {
                    "school": code,
                    "school_name": code,
                    "county": county,
                    "school_type": "211",
                    "residence": "town",
                    "canteens": 0,
                }
            )
            sheets.append(
                {"school": code, "pupils_primary": pupils, "classes_primary": 1, "backbone_primary": backbone}
            )
    tables = {"school_register": delivery(1, register, period=YEAR), "school_form": delivery(2, sheets, period=YEAR)}
    rows = marts_of(rebuilt(tables))["county_additions"].filter(pl.col("indicator") == "L2")
    return {seed: rows.filter(pl.col("county") == str(411400 + seed)) for seed in five}

"""Figures of the 31 indicators that the yearly forms alone decide: exact sums, and variations in decimal arithmetic.

Works on the simulated numbers of the forms that stand. All subgroups are `all`; what has no denominator has no figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import polars as pl

from orchestration.simulate.norms import POINT, RESOURCES, split
from orchestration.simulate.schools import School
from orchestration.simulate.truth import KEYS, Truth

Row = dict[str, Any]
# Numerator scale and "per" of L1 to L7.
SCALES = ((1, 100), (1, 100), (1, 100), (100, 1), (100, 1), (1, 1), (10_000, 100))
BILLION = 10**9


@dataclass
class Sums:
    """Numerators and denominators by indicator, level, entity and stage."""

    cells: dict[tuple[str, str, str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, indicator: str, stage: str, places: Iterable[tuple[str, str]], num: int, den: int) -> None:
        """Adds a count to the given (level, entity) pairs."""
        for level, entity in places:
            cell = self.cells[indicator, level, entity, stage]
            cell[0] += num
            cell[1] += den

    def frame(self, period: str) -> pl.DataFrame:
        """The figures with a denominator."""
        rows = [(i, period, lv, e, st, "all", n, d) for (i, lv, e, st), (n, d) in self.cells.items() if d > 0]
        names = (*KEYS, "numerator", "denominator")
        schema = {name: pl.Int64 if name in ("numerator", "denominator") else pl.String for name in names}
        return pl.DataFrame(rows, schema=schema, orient="row")


def resources(row: Row) -> dict[str, list[int]]:
    """Numerators of L1 to L7 by stage of one form."""
    pupils = (row["pp"], row["pj"], row["ps"])
    visits = row["visiting"] if row["residence"] == "rural" and 50 <= pupils[0] + pupils[1] < 100 else 0
    shared = [split(row[key], pupils) for key in ("floor", "sports", "equip", "rooms")]
    found = {}
    for stage, tail, index in (("primary", "p", 0), ("junior", "j", 1)):
        if pupils[index]:
            arts = sum(row[f"{subject}_{tail}"] for subject in ("pe", "mu", "ar"))
            own = [row[f"qual_{tail}"], row[f"back_{tail}"], arts + visits]
            found[stage] = own + [parts[index] for parts in shared]
            visits = 0
    return found


def variation(stocks: Sequence[int], pupils: Sequence[int], scale: int, per: int) -> tuple[int, int]:
    """Deviation and mean of a ratio between schools, weighted by pupils, each times a thousand million and rounded."""
    with localcontext() as context:
        context.prec = 60
        total = Decimal(sum(pupils))
        ratios = [Decimal(stock * per) / (scale * count) for stock, count in zip(stocks, pupils, strict=True)]
        mean = Decimal(sum(stocks) * per) / (scale * total)
        spread = sum((count * (ratio - mean) ** 2 for count, ratio in zip(pupils, ratios, strict=True)), Decimal(0))
        deviation = (spread / total).sqrt()
        first, second = ((value * BILLION).to_integral_value(ROUND_HALF_UP) for value in (deviation, mean))
    return int(first), int(second)


def _stages(row: Row) -> tuple[str, ...]:
    """Stages under which a figure about the school as a whole stands: all of them under compulsory."""
    if row["pp"] and row["pj"]:
        return ("compulsory",)
    return ("primary" if row["pp"] else "junior", "compulsory")


def _duties(sums: Sums, row: Row, places: list[tuple[str, str]]) -> None:
    """G3, G4, G5, G9, G12, G13, Q1 and Q4 of one evaluated school."""

    def add(indicator: str, stage: str, num: int, den: int) -> None:
        sums.add(indicator, stage, places, num, den)

    asked = -(-(row["cp"] + row["cj"]) // 12)
    cap = 2500 if row["type"] in ("312", "345") else 2000
    for stage in _stages(row):
        add("G3", stage, int(row["music"] >= asked and row["art"] >= asked), 1)
        add("G4", stage, int(row["pp"] + row["pj"] <= cap), 1)
        add("G9", stage, row["done360"], row["due360"])
        add("G12", stage, row["certified"], row["teachers"])
        add("Q4", stage, row["training"], row["budget"])
    for stage, classes, large in (("primary", row["cp"], row["over45"]), ("junior", row["cj"], row["over50"])):
        add("G5", stage, classes - large, classes)
        add("G5", "compulsory", classes - large, classes)
    if row["residence"] != "rural" and not row["private"] and not row["boarding"]:
        add("G13", "primary", row["zoned_p"], row["entry_p"])
        add("G13", "junior", row["zoned_j"], row["entry_j"])
    start, died, came, left = row["start"], row["died"], row["moved_in"], row["moved_out"]
    add("Q1", "junior", row["graduates"] - came + left, start - died)
    add("Q1_B", "junior", row["graduates"], start + came - died - left)


def _county(sums: Sums, code: str, form: dict[str, int]) -> None:
    """G7, G8, G11, G14, G15 and Q2 of a county; all but the pay are sums for the city, too."""
    both = [("county", code), ("city", code[:4] + "00")]
    sums.add("G8", "compulsory", both[:1], form["teacher_pay"], form["servant_pay"])
    for indicator, stage, num, den in (
        ("G7", "compulsory", form["special_fund"], form["special"]),
        ("G11", "compulsory", form["exchanged"], form["eligible"]),
        ("G11_backbone", "compulsory", form["exchanged_back"], form["exchanged"]),
        ("G14", "junior", form["shared"], form["plan"]),
        ("G14_rural", "junior", form["rural"], form["shared"]),
        ("G15", "compulsory", form["public"] + form["bought"], form["migrant"]),
        ("Q2", "compulsory", form["disabled_in"], form["disabled"]),
    ):
        sums.add(indicator, stage, both, num, den)


def form_figures(
    truth: Truth, period: str, forms: pl.DataFrame, counties: dict[str, dict[str, int]], schools: Sequence[School]
) -> None:
    """Adds the figures of a school year.

    Args:
        truth: collects the figures.
        period: school year.
        forms: school forms that stand.
        counties: county forms that stand, by county code.
        schools: all schools.
    """
    sums = Sums()
    varied: dict[tuple[str, str], list[tuple[int, list[int]]]] = defaultdict(list)
    for line in forms.iter_rows(named=True):
        school = schools[line["school"]]
        county = school.county.code
        facts = {
            "type": school.type_code, "residence": school.residence, "private": school.owner == "民办", "boarding": school.boarding,
            "sports": line["gym"] + line["ground"], "rooms": 10_000 * line["media"],
        }  # fmt: skip
        row: Row = {**line, **facts}
        places = [("school", school.code), ("county", county), ("city", county[:4] + "00")]
        small = row["type"] == POINT or (row["residence"] == "rural" and row["pp"] < 100 and not row["pj"])
        if small and county in counties:
            sums.add("G6", "primary", places, int(row["approved"] >= 100 * counties[county]["fund_p"]), 1)
        if row["type"] == POINT and row["pp"] + row["pj"] < 50:
            continue
        for stage, stocks in resources(row).items():
            pupils = row["pp" if stage == "primary" else "pj"]
            varied[county, stage].append((pupils, stocks))
            for indicator, stock in zip(RESOURCES, stocks, strict=True):
                sums.add(indicator, stage, places, stock, pupils)
        _duties(sums, row, places)
    for (county, stage), members in varied.items():
        for index, (indicator, (scale, per)) in enumerate(zip(RESOURCES, SCALES, strict=True)):
            figure = variation([stocks[index] for _, stocks in members], [count for count, _ in members], scale, per)
            sums.add(f"{indicator}_CV", stage, [("county", county)], *figure)
    for code, numbers in counties.items():
        _county(sums, code, numbers)
    truth.extra.append(sums.frame(period))

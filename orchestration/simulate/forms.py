"""What each school of the compulsory stages has and does in a school year, as whole numbers; the yearly form is written from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.designs import BY_ROUNDING, design_of
from orchestration.simulate.norms import JUNIOR, PRIMARY, ceil_to, operating_norm
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School
from orchestration.simulate.staffing import Row, concentrate, is_point, staff

# How far schools differ in L1 to L7: backbone teachers most of all.
SPREAD = (0.10, 0.40, 0.15, 0.15, 0.20, 0.20, 0.12)
FIRST = 2022


def enrolment(classes: pl.DataFrame) -> pl.DataFrame:
    """Pupils and classes per school with compulsory stages; `classes` has school, grade, klass, pupils."""
    size, grade = pl.col("pupils"), pl.col("grade")
    young, middle, older = grade <= 6, grade.is_between(7, 9), grade >= 10

    def number(rule: pl.Expr) -> pl.Expr:
        return rule.sum().cast(pl.Int64)

    def pupils(rule: pl.Expr) -> pl.Expr:
        return size.filter(rule).sum()

    counted = classes.group_by("school").agg(
        pp=pupils(young), pj=pupils(middle), ps=pupils(older), cp=number(young), cj=number(middle),
        lp=size.filter(young).max().fill_null(0), lj=size.filter(middle).max().fill_null(0),
        over45=number(young & (size > 45)), over50=number(middle & (size > 50)),
        c56=number((grade <= 9) & (size >= 56)), c66=number((grade <= 9) & (size >= 66)),
        entry_p=pupils(grade == 1), entry_j=pupils(grade == 7), leavers=pupils(grade == 9),
    )  # fmt: skip
    return counted.filter(pl.col("pp") + pl.col("pj") > 0).sort("school")


def means(seed: int, school: School, year: int) -> npt.NDArray[np.float64]:
    """What a school has of L1 to L7 as multiples of the threshold: slowly better, an ordinary school with a gap or two for some years."""
    rng = stream(seed, "means", school.code)
    if design_of(school.county.code):
        return 1.04 + 0.2 * rng.random(7)
    spread = np.array(SPREAD) * rng.normal(size=7)
    factors: npt.NDArray[np.float64] = np.exp(0.27 + 0.05 * rng.normal() + spread) * (1 + 0.015 * (year - FIRST))
    gaps = int(rng.choice(3, p=[0.6, 0.3, 0.1]))
    for item in rng.choice(7, 2, replace=False)[:gaps]:
        low, until = rng.uniform(0.7, 0.99), FIRST + int(rng.integers(0, 6))
        if year < until:
            factors[item] = low
    return factors


@dataclass
class FormBook:
    """The forms of all schools, year after year; what is built stays."""

    seed: int
    schools: list[School]
    held: dict[int, dict[str, int]] = field(default_factory=dict)

    def fill(self, year: int, classes: pl.DataFrame) -> pl.DataFrame:
        """One row per school with compulsory stages.

        Args:
            year: first calendar year of the school year.
            classes: real classes of the autumn: school, grade, klass, pupils.
        """
        rows = [self._school(year, dict(line)) for line in enrolment(classes).iter_rows(named=True)]
        tight = [row for row in rows if design_of(self.schools[row["school"]].county.code) == BY_ROUNDING]
        for county in dict.fromkeys(self.schools[row["school"]].county.code for row in tight):
            concentrate([row for row in tight if self.schools[row["school"]].county.code == county])
        frame = pl.DataFrame(rows, infer_schema_length=None)
        return frame.with_columns(pl.col("school").cast(pl.Int32))

    def _school(self, year: int, row: Row) -> Row:
        school = self.schools[row["school"]]
        rng = stream(self.seed, "form", year, school.code)
        model = design_of(school.county.code) is not None
        row["point"] = is_point(school.type_code)
        factors = means(self.seed, school, year)
        staff(row, factors, model, school.residence == "rural", bool(rng.random() < 0.05))
        self._buildings(row, factors, model)
        _rooms(row, self.held[row["school"]], rng, model)
        _training(row, rng, model)
        _money(row, rng, year, model)
        _intake(row, rng, model)
        _retention(row, rng, model)
        large = row["pp"] + row["pj"] + row["ps"] >= 600 or school.boarding
        row["doctors"] = int(large and (model or rng.random() < 0.75))
        row["health"] = int(not row["point"] and (model or rng.random() < 0.9))
        return row

    def _buildings(self, row: Row, factors: npt.NDArray[np.float64], model: bool) -> None:
        """Areas in 1/100 m2, equipment in yuan, media rooms: shared by the stages, so the needier stage decides how much is built."""
        weight = 100 * row["pp"] + 110 * row["pj"] + 132 * row["ps"]

        def need(item: int) -> float:
            per_weight = max(
                PRIMARY[item] / 100 if row["pp"] else 0.0,
                JUNIOR[item] / 110 if row["pj"] else 0.0,
            )
            return float(per_weight * weight * factors[item])

        rooms = need(6) / 100
        wanted = {
            "floor": ceil_to(100 * need(3), 10), "sports": ceil_to(100 * need(4), 10), "equip": ceil_to(need(5), 100),
            "media": ceil_to(rooms, 1) if model else max(1, int(rooms + 0.5)),
        }  # fmt: skip
        before = self.held.get(row["school"], {})
        now = {key: max(amount, before.get(key, 0)) for key, amount in wanted.items()}
        self.held[row["school"]] = before | now
        row["floor"], row["equip"], row["media"] = now["floor"], now["equip"], now["media"]
        row["gym"] = now["sports"] // 1000 * 100 if row["pp"] + row["pj"] >= 400 else 0
        row["ground"] = now["sports"] - row["gym"]


def _rooms(row: Row, held: dict[str, int], rng: Rng, model: bool) -> None:
    asked = -(-(row["cp"] + row["cj"]) // 12)
    lacking = rng.random(2) < (0.0 if model else 0.06)
    for key, lacks in zip(("music", "art"), lacking, strict=True):
        held[key] = row[key] = max(held.get(key, 0), asked - int(lacks))


def _training(row: Row, rng: Rng, model: bool) -> None:
    row["certified"] = row["teachers"] - (0 if model or rng.random() < 0.9 else 1)
    row["due360"] = max(1, row["teachers"] // 5)
    late = 0 if model or rng.random() < 0.85 else 1 + int(rng.integers(0, 2))
    row["done360"] = max(0, row["due360"] - late)


def _money(row: Row, rng: Rng, year: int, model: bool) -> None:
    """Yuan, but the allotted operating fund in 1/100 yuan."""
    norm = operating_norm(year)
    due = sum(pupils * yuan for pupils, yuan in zip((row["pp"], row["pj"], row["ps"]), norm, strict=True))
    small = row["pp"] < 100 and not row["pj"]
    floor = 100 * norm[0] if small and (model or rng.random() < 0.85) else 0
    row["approved"] = 100 * max(due, floor)
    row["budget"] = ceil_to(max(due, floor) * (1.0 + 0.08 * rng.random()), 100)
    row["spent"] = ceil_to(row["budget"] * (0.95 + 0.05 * rng.random()), 100)
    share = 0.05 + 0.01 * rng.random() if model or rng.random() < 0.88 else 0.04 + 0.0095 * rng.random()
    row["training"] = ceil_to(row["budget"] * share, 100) if share >= 0.05 else int(row["budget"] * share) // 100 * 100


def _intake(row: Row, rng: Rng, model: bool) -> None:
    for tail, least in (("p", 0.93), ("j", 0.9)):
        outside = 0.0 if model or rng.random() < 0.8 else (1 - least) * rng.random()
        row[f"zoned_{tail}"] = row[f"entry_{tail}"] - int(row[f"entry_{tail}"] * outside + 0.5)


def _retention(row: Row, rng: Rng, model: bool) -> None:
    """The three years of those who left the junior stage last summer; the school where nobody did has blanks."""
    last = row.pop("leavers")
    row["start"] = row["moved_in"] = row["moved_out"] = row["died"] = row["graduates"] = 0
    if not last:
        return
    start = last + 2
    lost = int(start * (0.02 if model else 0.06) * rng.random())
    row["start"], row["died"] = start, int(rng.random() < 0.05)
    row["moved_in"], row["moved_out"] = int(rng.binomial(start, 0.03)), int(rng.binomial(start, 0.03))
    row["graduates"] = max(0, start - row["died"] + row["moved_in"] - row["moved_out"] - lost)

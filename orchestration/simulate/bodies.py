"""Bodies of the pupils: growth, the yearly examination and the fitness test."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.eyes import weekday
from orchestration.simulate.population import GONE, HOME_TAUGHT, SUSPENDED
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.terms import Semester

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
NEVER = 2**30

# Means by sex (male, female) and grade 1 to 12.
HEIGHT_CM = (
    (0, 122.5, 128.5, 134, 139, 145, 152, 160, 166, 170, 172, 173, 173.5),
    (0, 121.5, 127.5, 133, 139.5, 146.5, 152.5, 157, 159, 160, 160.5, 161, 161.3),
)
BMI = (
    (0, 15.9, 16.2, 16.7, 17.3, 17.9, 18.4, 19.0, 19.6, 20.1, 20.7, 21.1, 21.4),
    (0, 15.5, 15.7, 16.1, 16.6, 17.2, 17.9, 18.7, 19.4, 19.9, 20.3, 20.5, 20.6),
)
LUNG_ML = (
    (0, 1150, 1350, 1600, 1850, 2100, 2400, 2900, 3300, 3600, 3900, 4050, 4150),
    (0, 1050, 1250, 1450, 1650, 1900, 2150, 2350, 2500, 2600, 2700, 2750, 2800),
)
RUN_50M = (
    (0, 11.2, 10.6, 10.2, 9.9, 9.6, 9.3, 8.8, 8.4, 8.1, 7.8, 7.7, 7.6),
    (0, 11.8, 11.2, 10.7, 10.3, 10.0, 9.8, 9.5, 9.4, 9.3, 9.3, 9.2, 9.2),
)
JUMP_CM = (
    (0, 100, 110, 120, 130, 140, 155, 180, 195, 208, 218, 224, 228),
    (0, 95, 105, 114, 124, 134, 144, 152, 156, 160, 162, 163, 164),
)
ITEMS = (
    "vital_capacity", "run_50m", "sit_reach", "rope", "sit_up", "shuttle", "standing_jump", "run_800m", "run_1000m", "pull_up",
)  # fmt: skip
TAKEN, AWAY, EXEMPT, DEFERRED, PARTIAL = range(5)


def _table(rows: tuple[tuple[float, ...], ...], sex: Ints, grade: Ints) -> Floats:
    values: Floats = np.array(rows)[sex, grade]
    return values


class Bodies:
    """Traits that stay with a pupil: tall or short, heavy or light, fit or not (standard normal)."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._traits: npt.NDArray[np.float32] = np.zeros((0, 3), np.float32)

    def grow(self, count: int) -> None:
        """Draws the traits of pupils who came since the last call."""
        start = len(self._traits)
        if count > start:
            rng = stream(self._seed, "bodies", start)
            fresh = rng.standard_normal((count - start, 3)).astype(np.float32)
            self._traits = np.concatenate([self._traits, fresh])

    def size(self, rng: Rng, pupil: Ints, sex: Ints, grade: Ints) -> tuple[Ints, Ints]:
        """Height in millimetres and weight in hundreds of grams."""
        traits = np.clip(self._traits[pupil], -2.6, 2.6)
        height = _table(HEIGHT_CM, sex, grade) + traits[:, 0] * (5.0 + 0.15 * grade) + rng.normal(0, 0.4, len(pupil))
        bmi = _table(BMI, sex, grade) * np.exp(
            0.145 * traits[:, 1] + 0.02 * traits[:, 1] ** 2 + rng.normal(0, 0.01, len(pupil))
        )
        millimetres = np.round(height * 10).astype(np.int32)
        weight = np.round(np.clip(bmi, 11.5, 38) * (height / 100) ** 2 * 10).astype(np.int32)
        return millimetres, weight

    def fitness(self, rng: Rng, pupil: Ints, sex: Ints, grade: Ints) -> dict[str, Ints]:
        """The items a pupil of that grade and sex does; -9999 where the item is not done.

        Units: ml, tenths of a second, millimetres, counts, seconds, centimetres.
        """
        count = len(pupil)
        fit = np.clip(self._traits[pupil, 2], -2.5, 2.5) - 0.25 * np.abs(self._traits[pupil, 1])

        def noise() -> Floats:
            drawn: Floats = np.clip(0.75 * fit + 0.6 * rng.standard_normal(count), -2.8, 2.8)
            return drawn

        boy, late, upper = sex == 0, grade >= 7, grade >= 5
        raw = {
            "vital_capacity": _table(LUNG_ML, sex, grade) * np.exp(0.17 * noise()),
            "run_50m": _table(RUN_50M, sex, grade) * 10 * np.exp(-0.07 * noise()),
            "sit_reach": 10 * (np.where(boy, 8.0, 11.5) + 5.5 * noise()),
            "rope": np.maximum(0, 55 + 15 * grade + 28 * noise()),
            "sit_up": np.maximum(0, 22 + 1.6 * grade + 8 * noise()),
            "shuttle": np.where(boy, 112, 116) - 3 * (grade - 5) - 9 * noise(),
            "standing_jump": _table(JUMP_CM, sex, grade) + 20 * noise(),
            "run_800m": 258 - 2 * (grade - 7) - 26 * noise(),
            "run_1000m": 292 - 6 * (grade - 7) - 30 * noise(),
            "pull_up": np.maximum(0, -1 + 0.9 * (grade - 6) + 3.2 * noise()),
        }
        does = {
            "vital_capacity": np.ones(count, bool), "run_50m": np.ones(count, bool), "sit_reach": np.ones(count, bool),
            "rope": ~late, "sit_up": (grade >= 3) & (~late | ~boy), "shuttle": upper & ~late, "standing_jump": late,
            "run_800m": late & ~boy, "run_1000m": late & boy, "pull_up": late & boy,
        }  # fmt: skip
        return {item: np.where(does[item], np.round(raw[item]), -9999).astype(np.int32) for item in ITEMS}


def present(stays: pl.DataFrame, days: Ints, silent: Mask) -> dict[str, Ints]:
    """Who sits at which school on that school's day: columns of the stays as arrays."""
    rows = stays.filter(pl.col("left").is_null() & (pl.col("status") != GONE)).with_columns(
        pl.col("until").fill_null(NEVER)
    )
    columns = {name: rows[name].to_numpy().astype(np.int32) for name in (
        "pupil", "school", "grade", "klass", "number", "status", "entered", "until", "sex")}  # fmt: skip
    when = days[columns["school"]]
    here = (columns["entered"] <= when) & (when < columns["until"]) & (when > 0) & ~silent[columns["school"]]
    here &= ~np.isin(columns["status"], [HOME_TAUGHT, SUSPENDED])
    return {name: value[here] for name, value in columns.items()}


def _integers(values: dict[str, Ints]) -> dict[str, pl.Series]:
    return {name: pl.Series(value, dtype=pl.Int32).replace(-9999, None) for name, value in values.items()}


def exam_days(seed: int, year: int, schools: int) -> Ints:
    """The day of each school's examination, three in five in the autumn."""
    rng = stream(seed, "exam-days", year)
    autumn, spring = Semester(year, 1).opens + 40, Semester(year, 2).opens + 35
    days = np.where(
        rng.random(schools) < 0.6, autumn + rng.integers(0, 35, schools), spring + rng.integers(0, 50, schools)
    )
    return weekday(days.astype(np.int32))


def exam_lines(
    seed: int, semester: Semester, stays: pl.DataFrame, bodies: Bodies, days: Ints, silent: Mask
) -> pl.DataFrame:
    """Lines of the examination sheets of the schools whose day falls into the semester; absent pupils with `examined` false."""
    inside = (days >= semester.opens) & (days <= semester.closes)
    who = present(stays, np.where(inside, days, 0).astype(np.int32), silent)
    rng = stream(seed, "exam", semester.name)
    count = len(who["pupil"])
    height, weight = bodies.size(rng, who["pupil"], who["sex"], who["grade"])
    examined = rng.random(count) >= 0.035
    young = who["grade"] <= 6

    def teeth(rate: float, allowed: Mask) -> Ints:
        return np.where(allowed, np.minimum(rng.poisson(rate, count), 12), -9999).astype(np.int32)

    values: dict[str, npt.NDArray[Any]] = {
        "height": height, "weight": weight, "dt": teeth(1.2, young), "mt": teeth(0.05, young), "ft": teeth(0.4, young),
        "d": teeth(0.5, ~young), "m": teeth(0.01, ~young), "f": teeth(0.2, ~young),
        "systolic": np.maximum(
            np.round(96 + 1.8 * who["grade"] + rng.normal(0, 8, count)), np.round(71 + 1.8 * who["grade"])
        ),
        # Never above the systolic one: that would be a mistake of the form, not a pupil.
        "diastolic": np.minimum(
            np.round(60 + 1.0 * who["grade"] + rng.normal(0, 6, count)), np.round(70 + 1.8 * who["grade"])
        ),
        "spine": (rng.random(count) < 0.015 + 0.003 * who["grade"]).astype(np.int32),
    }  # fmt: skip
    measured = {name: np.where(examined, value, -9999).astype(np.int32) for name, value in values.items()}
    frame = pl.DataFrame(
        {
            "pupil": who["pupil"], "school": who["school"], "grade": who["grade"].astype(np.int8),
            "klass": who["klass"].astype(np.int8), "own_number": who["number"], "on": days[who["school"]],
            "examined": examined, "reason": rng.integers(0, 3, count).astype(np.int8), **_integers(measured),
        }
    )  # fmt: skip
    # Every other school leaves absent pupils out of the sheet.
    return frame.filter(pl.col("examined") | (pl.col("school") % 2 == 0))


def fitness_days(seed: int, year: int, schools: int) -> Ints:
    """The day of each school's fitness test; the national window is 10 September to 31 December."""
    rng = stream(seed, "fitness-days", year)
    return weekday((Semester(year, 1).opens + 25 + rng.integers(0, 60, schools)).astype(np.int32))


def fitness_lines(
    seed: int, semester: Semester, stays: pl.DataFrame, bodies: Bodies, days: Ints, silent: Mask
) -> pl.DataFrame:
    """Lines of the fitness sheets; `part` says whether the pupil took part."""
    who = present(stays, days, silent)
    rng = stream(seed, "fitness", semester.name)
    count = len(who["pupil"])
    height, weight = bodies.size(rng, who["pupil"], who["sex"], who["grade"])
    items = bodies.fitness(rng, who["pupil"], who["sex"], who["grade"])
    draw = rng.random(count)
    # Who is exempt is exempt at every school of the year: the form is filed for the pupil.
    filed = stream(seed, "fitness-exempt", semester.school_year).random(int(who["pupil"].max(initial=-1)) + 1)
    exempt = filed[who["pupil"]] < 0.012
    part = np.select([exempt, draw < 0.006, draw < 0.038, draw < 0.058], [EXEMPT, DEFERRED, AWAY, PARTIAL], TAKEN)
    for item, value in items.items():
        missed = (part != TAKEN) & ~((part == PARTIAL) & (rng.random(count) < 0.6))
        items[item] = np.where(missed, -9999, value).astype(np.int32)
    # A third of those who take no item are still measured and weighed: that alone is no test.
    gone = np.isin(part, [EXEMPT, DEFERRED, AWAY]) & (rng.random(count) < 0.67)
    items["height"], items["weight"] = np.where(gone, -9999, height), np.where(gone, -9999, weight)
    frame = pl.DataFrame(
        {
            "pupil": who["pupil"], "school": who["school"], "grade": who["grade"].astype(np.int8),
            "klass": who["klass"].astype(np.int8), "own_number": who["number"], "on": days[who["school"]],
            "part": part.astype(np.int8), **_integers(items),
        }
    )  # fmt: skip
    # A pupil is tested once a year: who moves afterwards is not on the new school's sheet.
    return frame.filter(pl.col("on") == pl.col("on").min().over("pupil"))

"""Eyes of the pupils and the vision checks of a semester."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.population import HOME_TAUGHT, SUSPENDED
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School
from orchestration.simulate.terms import EPOCH, Semester

Ints = npt.NDArray[np.int32]
# Share of pupils with screening myopia by grade 1 to 12; primary about 36 %, junior 70 %, senior 81 %.
MYOPIC = np.array([0, 0.15, 0.23, 0.32, 0.41, 0.49, 0.56, 0.64, 0.71, 0.76, 0.79, 0.81, 0.83])
WRITERS = ("national", "shanghai", "changsha", "school")
NOT_TESTED, TESTED, BLANK_LINE = 0, 1, 2


class Eyes:
    """Traits that stay with a pupil: how prone to myopia, how the two eyes differ, how they are corrected."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._prone: npt.NDArray[np.float32] = np.zeros((0, 4), np.float32)

    def grow(self, count: int) -> None:
        """Draws the traits of pupils who came since the last call."""
        start = len(self._prone)
        if count > start:
            rng = stream(self._seed, "eyes", start)
            self._prone = np.concatenate([self._prone, rng.random((count - start, 4)).astype(np.float32)])

    def measure(
        self, rng: Rng, pupil: Ints, grade: Ints, year: int, refraction: npt.NDArray[np.bool_]
    ) -> dict[str, Ints]:
        """Measures both eyes of pupils on one occasion.

        Args:
            rng: stream of this occasion.
            pupil: indexes.
            grade: grades 1 to 12.
            year: first calendar year of the school year; prevalence falls half a point a year.
            refraction: whether the refraction is measured too.

        Returns:
            Acuity (five-point × 10; 29 below 3.0), sphere, cylinder (1/100 D), axis, corrected acuity, glasses; -9999 is missing.
        """
        trait = self._prone[pupil]
        count = len(pupil)
        share = MYOPIC[grade] - 0.005 * (year - 2022)
        myopic = trait[:, 0] < share
        depth = np.clip((share - trait[:, 0]) / share, 0, 1)
        myopia = 0.75 + depth * (0.6 + 0.45 * grade) * (0.6 + 0.8 * trait[:, 1])
        base = np.where(myopic, -myopia, 0.55 - 0.8 * (trait[:, 1] - 0.5))
        gap = (trait[:, 2] - 0.5) * np.where(myopic, 1.0, 0.4)
        out: dict[str, Ints] = {}
        best = np.full(count, -30.0)
        for eye, sign in (("r", 0.5), ("l", -0.5)):
            true = base + sign * gap + rng.normal(0, 0.08, count)
            cylinder = -25 * np.minimum(np.floor(rng.exponential(1.1, count)), 10).astype(np.int32)
            sphere = (np.round((true * 100 - cylinder / 2) / 25) * 25).astype(np.int32)
            weak = np.where(rng.random(count) < 0.035, 0.2, 0.0)
            blur = np.where(true < -0.4, 0.03 - 0.19 * np.maximum(true, -7), weak)
            acuity = np.round((5.06 - blur + rng.normal(0, 0.055, count)) * 10).astype(np.int32)
            acuity = np.clip(acuity, 29, 52)
            out[f"va_{eye}"] = np.where(acuity < 30, 29, acuity).astype(np.int32)
            out[f"s_{eye}"] = np.where(refraction, np.clip(sphere, -1500, 800), -9999).astype(np.int32)
            out[f"c_{eye}"] = np.where(refraction, cylinder, -9999).astype(np.int32)
            out[f"a_{eye}"] = np.where(refraction & (cylinder != 0), rng.integers(0, 181, count), -9999).astype(
                np.int32
            )
            best = np.maximum(best, -true)
        draw = trait[:, 3]
        framed = myopic & (best > 1.0) & (draw < 0.8)
        contact = framed & (grade >= 9) & (draw < 0.03)
        ortho = myopic & (best > 0.75) & (draw > 0.975)
        out["glasses"] = np.where(ortho, 3, np.where(contact, 2, np.where(framed, 1, 0))).astype(np.int32)
        corrected = np.clip(49 + rng.integers(0, 3, count), 45, 51).astype(np.int32)
        for eye in ("r", "l"):
            out[f"cor_{eye}"] = np.where(out["glasses"] > 0, corrected, -9999).astype(np.int32)
            # Ortho-K rows carry corrected acuity only.
            out[f"va_{eye}"] = np.where(ortho, -9999, out[f"va_{eye}"]).astype(np.int32)
        return out


def weekday(days: Ints) -> Ints:
    """Moves Saturdays and Sundays to the Friday before (1970-01-01 was a Thursday)."""
    weekday = (days + EPOCH.weekday()) % 7
    return (days - np.maximum(0, weekday - 4)).astype(np.int32)


def check_days(seed: int, semester: Semester, number: int, schools: int) -> tuple[Ints, Ints]:
    """Day of each school's check and of its make-up check, per round."""
    rng = stream(seed, "vision-days", semester.name, number)
    first, last = semester.round_window(number)
    main = weekday(rng.integers(first, last + 1, schools).astype(np.int32))
    return main, weekday((main + rng.integers(5, 12, schools)).astype(np.int32))


def semester_checks(
    seed: int,
    semester: Semester,
    stays: pl.DataFrame,
    schools: list[School],
    eyes: Eyes,
    quiet: npt.NDArray[np.bool_],
) -> pl.DataFrame:
    """All lines of all vision sheets of a semester, a row per pupil and occasion.

    Lines of absent pupils are there with `seen` false and nothing measured. `school` is the school whose sheet holds the line,
    `home` the pupil's own. Schools in `quiet` write no sheet and their pupils are checked nowhere else.
    """
    heir = np.array([s.heir for s in schools], np.int32)
    closes = np.array([2**30 if s.closes is None else s.closes for s in schools], np.int64)
    rows = stays.filter(pl.col("left").is_null())
    pupil, home, grade, klass, number, status, entered, until = (
        rows[name].fill_null(2**30).to_numpy() if name == "until" else rows[name].to_numpy().astype(np.int32)
        for name in ("pupil", "school", "grade", "klass", "number", "status", "entered", "until")
    )
    refracted = stream(seed, "vision-refraction", semester.name).random(len(schools)) < (
        1.0 if semester.autumn else 0.6
    )
    parts = []
    for round_number in (1, 2):
        rng = stream(seed, "vision", semester.name, round_number)
        main, late = check_days(seed, semester, round_number, len(schools))
        # After a school has closed its pupils are checked where they now sit.
        host = np.where(closes[home] < main[home], heir[home], home).astype(np.int32)
        visits = (rng.random(len(pupil)) < 0.003) & (host == home)
        host = np.where(visits, _elsewhere(rng, schools, home, grade, quiet), host).astype(np.int32)
        draw = rng.random(len(pupil))
        makes_up = (draw < 0.02) & ~visits
        when = np.where(makes_up, late[host], main[host]).astype(np.int32)
        there = (entered <= when) & (when < until) & (status != HOME_TAUGHT) & ~((status == SUSPENDED) & (draw > 0.05))
        there &= ~quiet[host] & ~quiet[home]
        absent = (draw >= 0.02) & (draw < 0.04)
        line = there & ~(absent & ((draw < 0.03) | visits))
        pick = np.flatnonzero(line)
        seen = ~absent[pick]
        with_refraction = refracted[host[pick]] if round_number == 1 else refracted[host[pick]] & (host[pick] % 2 == 0)
        values = eyes.measure(rng, pupil[pick], grade[pick], semester.year, with_refraction)
        # One eye in two hundred can't be read; the other one stands.
        for eye, low in (("r", 0.0), ("l", 0.0025)):
            lost = rng.random(len(pick))
            values[f"va_{eye}"] = np.where((lost >= low) & (lost < low + 0.0025), -9999, values[f"va_{eye}"]).astype(
                np.int32
            )
        measured = {name: np.where(seen, value, -9999) for name, value in values.items()}
        parts.append(
            pl.DataFrame(
                {
                    "pupil": pupil[pick], "school": host[pick], "home": home[pick], "grade": grade[pick].astype(np.int8),
                    "klass": klass[pick].astype(np.int8), "own_number": number[pick], "round": np.full(len(pick), round_number, np.int8),
                    "check_date": when[pick], "late": makes_up[pick], "seen": seen,
                    **{name: pl.Series(value.astype(np.int16)).replace(-9999, None) for name, value in measured.items()},
                }
            )
        )  # fmt: skip
    return pl.concat(parts)


def fitness_eyes(
    seed: int, semester: Semester, lines: pl.DataFrame, checks: pl.DataFrame, eyes: Eyes, schools: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """Adds naked acuity to the fitness lines of some schools; on the day of a vision check nobody is measured twice."""
    rng = stream(seed, "fitness-eyes", semester.name)
    pupil, grade = lines["pupil"].to_numpy().astype(np.int32), lines["grade"].to_numpy().astype(np.int32)
    values = eyes.measure(rng, pupil, grade, semester.year, np.zeros(len(pupil), bool))
    days = checks.select("pupil", on=pl.col("check_date"), taken=pl.lit(True)).unique()
    taken = lines.join(days, on=["pupil", "on"], how="left", maintain_order="left")["taken"].fill_null(False).to_numpy()
    here = schools[lines["school"].to_numpy()] & ~taken & lines["vital_capacity"].is_not_null().to_numpy()
    return lines.with_columns(
        pl.Series(name, np.where(here, values[name], -9999).astype(np.int16)).replace(-9999, None)
        for name in ("va_r", "va_l")
    )


def _elsewhere(rng: Rng, schools: list[School], home: Ints, grade: Ints, quiet: npt.NDArray[np.bool_]) -> Ints:
    """A neighbouring school that teaches the grade and writes a sheet, else the own school."""
    result = home.copy()
    codes = np.array([s.county.code for s in schools])
    shift = rng.permutation(len(schools))
    for level in np.unique(grade):
        hosts = np.array(
            [s.index for s in schools if level in s.grades and s.closes is None and not quiet[s.index]],
            np.int32,
        )
        if not len(hosts):
            continue
        chosen = np.flatnonzero(grade == level)
        offer = hosts[(shift[home[chosen]] + level) % len(hosts)]
        same = codes[offer] == codes[home[chosen]]
        result[chosen] = np.where(same, offer, home[chosen])
    return result

"""Figures about pupils: vision, examination, fitness test and the health file."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from orchestration.simulate.bodies import EXEMPT, ITEMS
from orchestration.simulate.terms import Semester
from orchestration.simulate.truth import Truth, accountable, counted
from orchestration.simulate.truth_change import change_figures
from orchestration.simulate.truth_exam import exam_figures
from orchestration.simulate.truth_fitness import fitness_figures


def _six(frame: pl.DataFrame) -> pl.DataFrame:
    """Keeps checks of pupils who had turned six on the day of the check; an unknown birth date counts."""
    birth, on = pl.col("birth").cast(pl.Date), pl.col("check_date").cast(pl.Date)
    ahead = (on.dt.month() < birth.dt.month()) | ((on.dt.month() == birth.dt.month()) & (on.dt.day() < birth.dt.day()))
    age = on.dt.year() - birth.dt.year() - ahead.cast(pl.Int32)
    return frame.filter(birth.is_null() | (age >= 6))


def _last(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("pupil", "check_date").unique("pupil", keep="last", maintain_order=True)


def vision_figures(truth: Truth, semester: Semester, roster: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Adds the vision indicators of a semester and returns the pupils with at least one counted check.

    Args:
        truth: collects the counts.
        semester: the semester.
        roster: its current roster.
        checks: its accepted checks, one row per pupil and day; `school` is the school that delivered them.
    """
    period = semester.name
    pupils = accountable(roster, semester.reference, truth.frame)
    delivered = checks.get_column("school").unique()
    linked = checks.drop("school", "grade").join(roster.select("pupil").unique(), on="pupil", how="semi")
    done = linked.filter(counted(linked)).group_by("pupil").agg(days=pl.col("check_date").n_unique())

    first_entry = roster.group_by("pupil").agg(
        entered=pl.when(pl.col("entered").null_count() == 0).then(pl.col("entered").min())
    )
    late = first_entry.filter(pl.col("entered") > semester.full_from)
    full = pupils.join(late, on="pupil", how="anti").join(done, on="pupil", how="left")
    full = full.with_columns(num=(pl.col("days").fill_null(0) >= 2).cast(pl.Int64), den=pl.lit(1))
    truth.add("vision_two_checks", period, full, delivered)

    mine = _six(linked.join(pupils, on="pupil"))
    right, left = pl.col("va_r"), pl.col("va_l")
    worse = pl.min_horizontal(right, left)
    both = right.is_not_null() & left.is_not_null()
    classed = (pl.col("glasses").fill_null(0) != 3) & (both | (worse < 50))
    last = _last(mine.filter(classed)).with_columns(worse=worse, den=pl.lit(1))
    bands = {
        "poor_vision": pl.col("worse") < 50,
        "poor_vision_mild": pl.col("worse") == 49,
        "poor_vision_moderate": pl.col("worse").is_between(46, 48),
        "poor_vision_severe": pl.col("worse") <= 45,
    }
    for indicator, rule in bands.items():
        truth.add(indicator, period, last.with_columns(num=rule.cast(pl.Int64)))

    spheres = pl.col("s_r").is_not_null() & pl.col("s_l").is_not_null()
    ortho = pl.col("glasses").fill_null(0) == 3
    screened = _last(mine.filter(ortho | (both & spheres)))

    def myopic(eye: str) -> pl.Expr:
        equivalent = 2 * pl.col(f"s_{eye}").cast(pl.Int32) + pl.col(f"c_{eye}").cast(pl.Int32).fill_null(0)
        return ((pl.col(f"va_{eye}") < 50) & (equivalent < -100)).fill_null(False)

    positive = ortho | myopic("r") | myopic("l")
    truth.add("screening_myopia", period, screened.with_columns(num=positive.cast(pl.Int64), den=pl.lit(1)))

    everyone = _six(linked.join(roster.group_by("pupil").agg(pl.col("birth").max()), on="pupil"))
    told = {
        "poor_vision": everyone.filter(classed).with_columns(num=(worse < 50).cast(pl.Int64)),
        "screening_myopia": everyone.filter(ortho | (both & spheres)).with_columns(num=positive.cast(pl.Int64)),
    }
    change_figures(truth, semester, pupils, told)
    return done.select("pupil")


@dataclass
class YearOfHealth:
    """What is known of a school year when its last delivery is in."""

    year: int
    roster: pl.DataFrame
    exams: pl.DataFrame
    fitness: pl.DataFrame
    checked: pl.DataFrame
    vision_schools: pl.Series


def year_figures(truth: Truth, known: YearOfHealth) -> None:
    """Adds examination, fitness and the health file; the autumn roster says who is accountable where."""
    autumn = Semester(known.year, 1)
    period = autumn.school_year
    pupils = accountable(known.roster, autumn.reference, truth.frame).with_columns(den=pl.lit(1))
    exam_schools = known.exams.get_column("school").unique()
    examined = known.exams.filter(pl.col("examined")).select("pupil").unique().with_columns(num=pl.lit(1))

    def share(who: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
        return who.join(done, on="pupil", how="left").with_columns(pl.col("num").fill_null(0))

    truth.add("exam_coverage", period, share(pupils, examined), exam_schools)
    exam_figures(truth, period, pupils, known.exams)
    exempt = known.fitness.filter(pl.col("part") == EXEMPT).select("pupil")
    some = pl.any_horizontal(pl.col(item).is_not_null() for item in ITEMS)
    tested = known.fitness.filter(some).select("pupil").unique().with_columns(num=pl.lit(1))
    bound = pupils.join(exempt, on="pupil", how="anti")
    truth.add("fitness_coverage", period, share(bound, tested), known.fitness.get_column("school").unique())
    fitness_figures(truth, period, pupils.select("pupil", "school", "grade", "sex"), known.fitness)
    both = examined.join(known.checked, on="pupil", how="semi")
    either = pl.concat([exam_schools, known.vision_schools]).unique()
    truth.add("health_file", period, share(pupils, both), either)

"""How vision changes: between the rounds of a semester and between years, ortho-K, and the six-year-olds."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.terms import Semester
from orchestration.simulate.truth import Truth


def change_figures(truth: Truth, semester: Semester, pupils: pl.DataFrame, told: dict[str, pl.DataFrame]) -> None:
    """Adds the figures of change of a semester and keeps its last checks for the year after.

    Args:
        truth: collects the counts.
        semester: the semester.
        pupils: accountable pupils with school, grade and sex.
        told: per outcome the checks that say it, of whoever is on the roster: pupil, check_date, birth, round, glasses and
            num, which is 1 where the pupil has it.
    """
    who = pupils.select("pupil", "school", "grade", "sex")

    def add(indicator: str, rows: pl.DataFrame, num: str = "num") -> None:
        counts = who.join(rows.select("pupil", num=pl.col(num).cast(pl.Int64)), on="pupil")
        truth.add(indicator, semester.name, counts.with_columns(den=pl.lit(1)))

    for name, checks in told.items():
        ordered = checks.sort("pupil", "check_date")
        opening = ordered.filter(pl.col("round").fill_null(1) == 1)
        first = opening.unique("pupil", keep="first", maintain_order=True)
        last = ordered.unique("pupil", keep="last", maintain_order=True)
        began = last.join(first.select("pupil", began="check_date"), on="pupil", how="left")
        second = began.filter(pl.col("began").is_null() | (pl.col("check_date") > pl.col("began")))
        both = first.join(second.select("pupil", after="num"), on="pupil")
        add(f"{name}_round1", first)
        add(f"{name}_round2", second)
        add(f"{name}_same_round1", both)
        add(f"{name}_same_round2", both, "after")
        earlier = truth.earlier.get((semester.year - 1, semester.autumn, name))
        if earlier is not None:
            pair = last.join(earlier, on="pupil")
            add(f"{name}_same_before", pair, "before")
            add(f"{name}_same_now", pair)
            add(f"{name}_new", pair.filter(pl.col("before") == 0))
        truth.earlier[semester.year, semester.autumn, name] = last.select("pupil", before="num")
        if name == "screening_myopia":
            ortho = (pl.col("glasses") == 3).fill_null(False).cast(pl.Int64)
            add("ortho_k", last.with_columns(worn=ortho), "worn")
            birth, on = pl.col("birth").cast(pl.Date), pl.col("check_date").cast(pl.Date)
            # turned six on or before the day, seven after it; everybody here has turned six
            add("screening_myopia_six", last.filter(birth.dt.offset_by("7y") > on))

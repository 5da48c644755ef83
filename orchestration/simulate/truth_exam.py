"""What the examinations say by half-year age, teeth and spine, judged here from the printed limits and not with the warehouse's look-up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from orchestration.simulate.truth import Truth

# The printed limits are facts, not code: both sides read them, each judges by itself.
_TABLE = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "bmi_screening.csv"
_TEETH = ("dt", "mt", "ft", "d", "m", "f")


@cache
def _limits() -> pl.DataFrame:
    """One row per sex (0 male) and half year, a column per limit in tenths of its unit."""
    printed = pl.read_csv(_TABLE, infer_schema_length=0).with_columns(
        sex=(pl.col("sex") == "F").cast(pl.Int64),
        halves=(pl.col("age_half_year").cast(pl.Float64) * 2).round(0).cast(pl.Int64),
        limit=(pl.col("threshold").cast(pl.Float64) * 10).round(0).cast(pl.Int64),
    )
    return printed.pivot("category", index=["sex", "halves"], values="limit")


def _halves() -> pl.Expr:
    """Completed half years from birth to the day of the examination."""
    birth, on = pl.col("birth").cast(pl.Date), pl.col("on").cast(pl.Date)
    years = (on.dt.year() - birth.dt.year()).cast(pl.Int64)
    months = 12 * years + on.dt.month().cast(pl.Int64) - birth.dt.month().cast(pl.Int64)
    return (months - (on.dt.day() < birth.dt.day()).cast(pl.Int64)).floordiv(6)


def exam_figures(truth: Truth, period: str, pupils: pl.DataFrame, exams: pl.DataFrame) -> None:
    """Adds the results of the examinations.

    Args:
        truth: collects the counts.
        period: school year.
        pupils: accountable pupils with school, grade, sex and birth.
        exams: lines of the examination sheets that stand.
    """
    who = pupils.select("pupil", "school", "grade", "sex", "birth")
    seen = exams.filter(pl.col("examined")).drop("school", "grade").join(who, on="pupil")
    limits = _limits()
    aged = seen.with_columns(pl.col("sex").cast(pl.Int64), halves=_halves()).join(limits, on=["sex", "halves"])

    def add(indicator: str, lines: pl.DataFrame, rule: pl.Expr) -> None:
        last = lines.sort("pupil", "on").unique("pupil", keep="last", maintain_order=True)
        counts = last.with_columns(num=rule.cast(pl.Int64), den=pl.lit(1))
        truth.add(indicator, period, counts.select("school", "grade", "sex", "num", "den"))

    tall = aged.filter(pl.col("height").is_not_null())
    square = pl.col("height").cast(pl.Int64) ** 2
    tenths = (20_000 * 100 * pl.col("weight").cast(pl.Int64) + square) // (2 * square)
    sized = tall.filter(pl.col("weight").is_not_null()).with_columns(bmi=tenths)
    heavy = pl.col("bmi") >= pl.col("obese")
    add("exam_obesity", sized, heavy)
    add("exam_overweight", sized, (pl.col("bmi") >= pl.col("overweight")) & ~heavy)
    add("exam_thinness", sized, pl.col("bmi") <= pl.col("thin_mild"))
    add("exam_stunting", tall, pl.col("height") <= pl.col("stunting_height_cm"))
    counted = pl.any_horizontal(pl.col(tooth).is_not_null() for tooth in _TEETH)
    add("exam_caries", seen.filter(counted), pl.sum_horizontal(pl.col(tooth).fill_null(0) for tooth in _TEETH) > 0)
    add("exam_spine", seen.filter(pl.col("spine").is_not_null()), pl.col("spine") == 1)
    pressed = pl.col("systolic").is_not_null() & pl.col("diastolic").is_not_null()
    add(
        "exam_blood_pressure",
        seen.group_by("pupil", "school", "grade", "sex").agg(on=pl.lit(0), hit=pressed.any()),
        pl.col("hit"),
    )

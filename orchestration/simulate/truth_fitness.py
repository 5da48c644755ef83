"""Figures of the fitness standard, scored here from the printed tables by ordered joins and not with the warehouse's look-up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from orchestration.simulate.bodies import EXEMPT
from orchestration.simulate.truth import Truth

# The printed tables are facts, not code: both sides read them, each scores by itself.
_TABLES = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
# Column of the lines, name in the tables, units of the lines to one of the tables, code of the indicator.
_ITEMS = (
    ("vital_capacity", "肺活量", 1, "vital_capacity"), ("run_50m", "50米跑", 10, "run_50m"), ("sit_reach", "坐位体前屈", 10, "sit_reach"),
    ("rope", "一分钟跳绳", 1, "rope"), ("sit_up", "一分钟仰卧起坐", 1, "sit_up"), ("shuttle", "50米×8往返跑", 1, "shuttle_50x8"),
    ("standing_jump", "立定跳远", 1, "standing_jump"), ("pull_up", "引体向上", 1, "pull_up"), ("run_800m", "800米跑", 1, "run_800m"),
    ("run_1000m", "1000米跑", 1, "run_1000m"),
)  # fmt: skip
_FASTER = ("run_50m", "shuttle", "run_800m", "run_1000m")
_BANDS = {"正常": "normal", "低体重": "thin", "超重": "overweight", "肥胖": "obese"}
_KEYS = ["grade", "sex"]


@cache
def _table(name: str) -> pl.DataFrame:
    """A table of the standard; sex as the simulation numbers it, 0 male."""
    frame = pl.read_csv(_TABLES / f"fitness_{name}.csv", infer_schema_length=0)
    return frame.with_columns(pl.col("grade").cast(pl.Int64), sex=(pl.col("sex") == "F").cast(pl.Int64))


def _units(column: str, scale: int) -> pl.Expr:
    return (pl.col(column).cast(pl.Float64) * scale).round(0).cast(pl.Int64)


def _ladders(column: str, name: str, scale: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows of the score and of the bonus of an item, rising with the performance, and its weights."""
    sign = -1 if column in _FASTER else 1
    printed = _table("scoring").filter((pl.col("item") == name) & (pl.col("better") != "range"))
    scores = printed.select(*_KEYS, at=sign * _units("value", scale), score=pl.col("score").cast(pl.Int64))
    best = scores.filter(pl.col("score") == 100).select(*_KEYS, "at")
    over = _table("bonus").filter(pl.col("item") == name)
    bonus = over.join(best, on=_KEYS).select(
        *_KEYS, at=pl.col("at") + sign * _units("delta_from_100_row", scale), extra=pl.col("bonus_points").cast(pl.Int64)
    )  # fmt: skip
    weights = _table("weights").filter(pl.col("item") == name)
    return scores.sort("at"), bonus.sort("at"), weights.select(*_KEYS, weight=pl.col("weight_pct").cast(pl.Int64))


def _scored(tests: pl.DataFrame, column: str, name: str, scale: int) -> pl.DataFrame:
    """Pupils who did an item of their grade and sex, with score, bonus and weight."""
    scores, bonus, weights = _ladders(column, name, scale)
    sign = -1 if column in _FASTER else 1
    done = tests.filter(pl.col(column).is_not_null()).select("pupil", *_KEYS, at=sign * pl.col(column).cast(pl.Int64))
    done = done.join(weights, on=_KEYS).sort("at")
    done = done.join_asof(scores, on="at", by=_KEYS, strategy="backward", check_sortedness=False)
    done = done.join_asof(bonus, on="at", by=_KEYS, strategy="backward", check_sortedness=False)
    return done.select("pupil", "weight", pl.col("score").fill_null(0), pl.col("extra").fill_null(0))


def _weighed(tests: pl.DataFrame) -> pl.DataFrame:
    """Pupils with height and weight: their band, its score and weight. 18.15 is 18.2."""
    square = pl.col("height").cast(pl.Int64) ** 2
    sized = tests.filter(pl.col("height").is_not_null() & pl.col("weight").is_not_null())
    tenths = (20_000 * 100 * pl.col("weight").cast(pl.Int64) + square) // (2 * square)
    sized = sized.select("pupil", *_KEYS, at=tenths).sort("at")
    bands = _table("bmi").select(
        *_KEYS, at=pl.col("min_inclusive").cast(pl.Float64).mul(10).round(0).cast(pl.Int64).fill_null(0),
        band=pl.col("label").replace_strict(_BANDS), score=pl.col("score").cast(pl.Int64),
    )  # fmt: skip
    weights = _table("weights").filter(pl.col("item") == "BMI")
    found = sized.join_asof(bands.sort("at"), on="at", by=_KEYS, strategy="backward", check_sortedness=False)
    return found.join(weights.select(*_KEYS, weight=pl.col("weight_pct").cast(pl.Int64)), on=_KEYS).select(
        "pupil", "band", "score", "weight"
    )


def fitness_figures(truth: Truth, period: str, pupils: pl.DataFrame, fitness: pl.DataFrame) -> None:
    """Adds the results of the fitness test.

    Args:
        truth: collects the counts.
        period: school year.
        pupils: accountable pupils with school, grade and sex.
        fitness: lines of the fitness sheets that stand; a pupil has one at most.
    """
    exempt = fitness.filter(pl.col("part") == EXEMPT).select("pupil")
    free = pupils.join(exempt.with_columns(num=pl.lit(1)), on="pupil", how="left").with_columns(
        pl.col("num").fill_null(0), den=pl.lit(1)
    )
    delivered = fitness.get_column("school").unique()
    truth.add("fitness_exempt", period, free, delivered)
    judged = fitness.join(exempt, on="pupil", how="anti").join(pupils.select("pupil", "sex"), on="pupil")
    judged = judged.with_columns(pl.col("grade").cast(pl.Int64), pl.col("sex").cast(pl.Int64))

    def add(indicator: str, who: pl.DataFrame, number: pl.Expr) -> None:
        counts = who.join(pupils, on="pupil").with_columns(num=number.cast(pl.Int64), den=pl.lit(1))
        truth.add(indicator, period, counts)

    sized = _weighed(judged)
    for band in _BANDS.values():
        add(f"fitness_bmi_{band}", sized, pl.col("band") == band)
    add("fitness_mean_bmi", sized, pl.col("score"))
    parts = []
    for column, name, scale, code in _ITEMS:
        done = _scored(judged, column, name, scale)
        add(f"fitness_mean_{code}", done, pl.col("score"))
        parts.append(done)
    tested = pl.concat(parts)
    size = sized.join(tested, on="pupil", how="semi").select("pupil", "weight", "score", extra=pl.lit(0, pl.Int64))
    totals = pl.concat([tested, size]).group_by("pupil").agg(
        points=(pl.col("score") * pl.col("weight")).sum(), extra=pl.col("extra").sum().clip(0, 20)
    )  # fmt: skip
    totals = totals.with_columns(tenths=(pl.col("points") + 100 * pl.col("extra") + 5) // 10)
    for level, line in (("pass", 600), ("good", 800), ("excellent", 900)):
        add(f"fitness_{level}", totals, pl.col("tenths") >= line)

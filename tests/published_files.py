"""What an outsider holds: the files of a release's site, read back as the tables the attack takes. Nothing of `marts/` is read here.

The tidy csv of the downloads tell figures of areas, and inside those of whole schools; `data/figures.parquet` of the same folder tells all.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from orchestration.disclosure.attack import KEY

TAILS = {"≤5%": "le5", "≥95%": "ge95"}
NUMBERS = {
    "分子": "numerator",
    "分母": "denominator",
    "数值": "value",
    "95%置信区间下限": "lower_95",
    "95%置信区间上限": "upper_95",
}
# Printed digits: whole counts are exact, shares have at least one decimal of a percent.
PRINTED = 0.00051


def kept(release: Path) -> pl.DataFrame:
    """The figures that lie in a release for comparisons, signed with it."""
    return pl.read_parquet(release / "data" / "figures.parquet")


def downloads(release: Path) -> pl.DataFrame:
    """The figures of all csv downloads, each once.

    Raises:
        AssertionError: two files say different things of one figure.
    """
    files = [pl.read_csv(path, infer_schema=False) for path in sorted((release / "downloads").glob("*.csv"))]
    key = dict(zip(("指标代码", "时间", "级别", "地区或学校代码", "学段代码", "分组代码"), KEY, strict=True))
    told = pl.concat(files).select(
        *(pl.col(title).alias(name) for title, name in key.items()),
        *(pl.col(title).cast(pl.Float64).alias(name) for title, name in NUMBERS.items()),
        pl.col("界限").replace_strict(TAILS, default=None, return_dtype=pl.String).alias("value_text_rule"),
        (pl.col("计数已取整") == "true").alias("rounded"),
        pl.col("判定代码").alias("status"),
    )
    once = told.unique()
    assert once.select(KEY).is_unique().all(), "two downloads tell one figure differently"
    return once.sort(KEY)


def together(kept_figures: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """All that the files of one release tell: whatever any of them shows is known."""
    numbers = {name: kept_figures.schema[name] for name in (*NUMBERS.values(), "value_text_rule", "status", "rounded")}
    return kept_figures.update(
        told.select(*KEY, *(pl.col(n).cast(t, strict=False) for n, t in numbers.items())), on=KEY
    )


def differing(told: pl.DataFrame, controlled: pl.DataFrame) -> pl.DataFrame:
    """Figures that a file tells otherwise than the controlled table, or that the table does not have; none is wanted."""
    joined = told.join(controlled, on=KEY, how="left", suffix="_true", maintain_order="left")
    exact = ("numerator", "denominator", "value_text_rule", "status")
    printed = ("value", "lower_95", "upper_95")
    other = [pl.col(c).ne_missing(pl.col(f"{c}_true")) for c in exact]
    other += [pl.col("rounded") & ~pl.col("rounded_true").fill_null(False)]
    for name in printed:
        true = pl.col(f"{name}_true")
        other += [pl.col(name).is_null() != true.is_null(), ((pl.col(name) - true).abs() > PRINTED).fill_null(False)]
    return joined.filter(pl.any_horizontal(other)).select(KEY)

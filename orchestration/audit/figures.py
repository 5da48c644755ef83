"""Headline figures with what they were counted from, figures that moved most, and how two builds differ. All from tables, set-wise."""

from __future__ import annotations

import itertools
import re
from functools import cache

import polars as pl

from expectations.suites.declare import judges
from expectations.verdict import Verdict
from orchestration.config import DBT_PROJECT_DIR, Home
from orchestration.warehouse.fingerprints import SEMESTER_FEEDS

KEPT_OUTLIERS = 300  # of each level and kind
LEAST_OF_SCHOOL, LEAST_OF_AREA = 50, 100  # denominators
_STAGES = ("compulsory", "all", "primary", "junior", "senior")  # headline first
_MODELS = DBT_PROJECT_DIR / "models" / "intermediate" / "indicators"
# Indicators that only explain another one, or divide one by grade.
_DETAIL = r"_round[12]$|_same_|_mean_"


@cache
def family_models() -> tuple[tuple[str, str], ...]:
    """(indicator, model that counts it), as the models name their indicators."""
    found: dict[str, str] = {}
    for path in sorted(_MODELS.glob("ind_*.sql")):
        for code in re.findall(r"'([A-Za-z][A-Za-z0-9_]*)'", path.read_text(encoding="utf-8")):
            found.setdefault(code, path.stem)
    return tuple(sorted(found.items()))


def headline(values: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Figures of counties and cities of all pupils, each indicator's newest period and headline stage."""
    stage = pl.col("stage").replace_strict({s: i for i, s in enumerate(_STAGES)}, default=9, return_dtype=pl.Int64)
    areas = values.filter(
        pl.col("level").is_in(["county", "city"])
        & (pl.col("subgroup") == "all")
        & ~pl.col("indicator").str.contains(_DETAIL)
        & pl.col("indicator").is_in(indicators["code"].to_list())
    )
    newest = areas.filter(pl.col("period") == pl.col("period").max().over("indicator"))
    return newest.sort("indicator", "entity", stage).unique(
        ["indicator", "entity", "level"], keep="first", maintain_order=True
    )


def texts(figures: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Figures with their value as a short text; a hidden one has none."""
    unit = indicators.select(indicator="code", word="unit_zh", scale=pl.col("numerator_scale").fill_null(1))
    share = pl.col("unit").is_in(["share", "proportion"])
    plain = pl.col("value").round(2).cast(pl.String) + pl.col("word").fill_null("")
    rule = pl.col("value_text_rule").replace_strict(
        {"le5": "≤5%", "ge95": "≥95%"}, default=None, return_dtype=pl.String
    )
    text = pl.when(share).then((pl.col("value") * 100).round(1).cast(pl.String) + "%").otherwise(plain)
    return figures.join(unit, on="indicator", how="left").with_columns(
        text=pl.coalesce(rule, text), numerator=pl.when(rule.is_null()).then("numerator")
    )


def sources(
    figures: pl.DataFrame, indicators: pl.DataFrame, parts: pl.DataFrame, coverage: pl.DataFrame, areas: pl.DataFrame
) -> pl.DataFrame:
    """Files and rows of the feeds of each figure, in its periods and its area. Grain: figure, feed, period.

    A file that names no county (the register of a whole city) counts for every area; rows are those that coverage counts for the area.
    """
    asked = (
        figures.select("figure_id", "indicator", "period", "level", "entity")
        .join(indicators.select(indicator="code", feed="feeds"), on="indicator")
        .with_columns(pl.col("feed").str.split("|"))
        .explode("feed")
        .filter(pl.col("feed").is_not_null() & (pl.col("feed") != ""))
    )
    year = pl.col("period").str.slice(0, 9)
    semesterly = pl.col("feed").is_in(SEMESTER_FEEDS)
    # A yearly figure may count both semesters of a feed; a figure of a semester, the yearly rows of its year.
    periods = (
        pl.when(semesterly & (pl.col("period").str.len_chars() == 9))
        .then(pl.concat_list(year + "-1", year + "-2"))
        .when(~semesterly)
        .then(pl.concat_list(year))
        .otherwise(pl.concat_list("period"))
    )
    asked = asked.with_columns(period=periods).explode("period")
    parent = areas.select(county="area", city="parent")
    keys = ["feed", "period"]
    files = pl.col("delivery_id").n_unique().cast(pl.Int64)
    shared = parts.filter(pl.col("county").is_null()).group_by(keys).agg(shared=files)
    placed = parts.filter(pl.col("county").is_not_null()).join(parent, on="county", how="left")
    rows = coverage.join(parent, on="county", how="left")
    sums = [pl.col("rows_accepted").sum().alias("accepted"), pl.col("rows_rejected").sum().alias("rejected")]
    own, counted = [], []
    for level, column in (("county", "county"), ("city", "city")):
        marked = {"level": pl.lit(level)}
        own.append(placed.group_by(*keys, entity=column).agg(files=files).with_columns(**marked))
        counted.append(rows.group_by(*keys, entity=column).agg(sums).with_columns(**marked))
    place = [*keys, "entity", "level"]
    joined = (
        asked.join(pl.concat(own), on=place, how="left")
        .join(pl.concat(counted), on=place, how="left")
        .join(shared, on=keys, how="left")
    )
    zero = [pl.col(c).fill_null(0).cast(pl.Int64) for c in ("files", "shared", "accepted", "rejected")]
    total = joined.with_columns(zero).with_columns(files=pl.col("files") + pl.col("shared"))
    return total.select("figure_id", *keys, "files", "accepted", "rejected").unique().sort("figure_id", *keys)


def judging(indicators: pl.DataFrame, verdict: Verdict | None) -> pl.DataFrame:
    """Which results judge the figures of an indicator, by what it is counted from. Grain: feeds (as the catalogue has them), year, check."""
    counted_from = indicators["feeds"].fill_null("").unique().sort().to_list()
    found = [(year, r) for year in verdict.years for r in verdict.of(year)] if verdict else []
    rows = [
        (feeds, year, r.check, r.result)
        for feeds in counted_from
        for year, r in found
        if judges(r.check, feeds.split("|") if feeds else ())
    ]
    return pl.DataFrame(rows, schema=["feeds", "year", "check", "result"], orient="row")


def outliers(values: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Figures of the newest school year against the same period a year before, those that moved most; hidden values never come in.

    A city or province with figures of one area below it only would say the same again, and is left out.
    """
    below = values.select(area="entity").unique().join(areas.select("area", "parent"), on="area")
    single = below.group_by(entity="parent").len().filter(pl.col("len") == 1).select("entity")
    plain = (
        values.join(single, on="entity", how="anti")
        .filter(
            (pl.col("subgroup") == "all")
            & pl.col("value").is_not_null()
            & pl.col("value_text_rule").is_null()
            & ~pl.col("indicator").str.contains(_DETAIL)
            & (
                pl.col("denominator")
                >= pl.when(pl.col("level") == "school").then(LEAST_OF_SCHOOL).otherwise(LEAST_OF_AREA)
            )
        )
        .with_columns(year=pl.col("period").str.slice(0, 4).cast(pl.Int32), part=pl.col("period").str.slice(9))
    )
    keys = ["indicator", "level", "entity", "stage", "part", "year"]
    before = plain.select(*keys[:-1], pl.col("year") + 1, before="value")
    share = pl.col("unit").is_in(["share", "proportion"])
    moved = (
        pl.when(share)
        .then(pl.col("now") - pl.col("before"))
        .otherwise((pl.col("now") - pl.col("before")) / pl.when(pl.col("before") != 0).then(pl.col("before").abs()))
    )
    both = plain.rename({"value": "now"}).join(before, on=keys).with_columns(is_share=share, change=moved)
    newest = pl.col("year") == pl.col("year").max()
    both = both.filter(newest & pl.col("change").is_finite() & (pl.col("change") != 0))
    kind = pl.when(pl.col("level") == "school").then(pl.lit("school")).otherwise(pl.lit("area"))
    return (
        both.with_columns(kind=kind)
        .sort(pl.col("change").abs(), "figure_id", descending=[True, False])
        .group_by("kind", "is_share", maintain_order=True)
        .head(KEPT_OUTLIERS)
    )


def builds(home: Home, order: list[str]) -> pl.DataFrame:
    """Figures that two consecutive data versions do not share, by indicator. Grain: pair, indicator.

    Args:
        home: the installation.
        order: data versions, oldest first; those whose tables are gone are left out.
    """
    there = [v for v in dict.fromkeys(order) if (home.marts / v / "indicator_values.parquet").is_file()]
    folder = home.audit_cache / "builds"
    frames, wanted = [], set()
    for before, after in itertools.pairwise(there):
        cached = folder / f"{before}-{after}.parquet"
        wanted.add(cached)
        if not cached.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            _difference(home, before, after).write_parquet(cached)
        frames.append(pl.read_parquet(cached))
    for gone in set(folder.glob("*.parquet")) - wanted:
        gone.unlink()
    return pl.concat(frames) if frames else pl.DataFrame()


def _difference(home: Home, before: str, after: str) -> pl.DataFrame:
    columns = ["figure_id", "indicator", "numerator", "denominator", "value", "status"]
    old, new = (pl.scan_parquet(home.marts / v / "indicator_values.parquet").select(columns) for v in (before, after))
    both = old.join(new, on="figure_id", how="full", suffix="_new")
    differs = pl.any_horizontal(
        pl.col(c).ne_missing(pl.col(f"{c}_new")) for c in ("numerator", "denominator", "value", "status")
    )
    gone, fresh = pl.col("figure_id_new").is_null(), pl.col("figure_id").is_null()
    return (
        both.filter(gone | fresh | differs)
        .group_by(indicator=pl.coalesce("indicator", "indicator_new"))
        .agg(
            added=fresh.sum().cast(pl.Int64),
            removed=gone.sum().cast(pl.Int64),
            changed=(~gone & ~fresh).sum().cast(pl.Int64),
        )
        .with_columns(before=pl.lit(before), after=pl.lit(after))
        .select("before", "after", "indicator", "added", "removed", "changed")
        .sort("indicator")
        .collect()
    )

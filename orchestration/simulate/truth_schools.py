"""Figures about classes and schools: films, canteen inspections, kitchens."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.canteens import FAIL, KEY_ITEMS, REQUIRED, SELF
from orchestration.simulate.places import RECOMMENDED_FILMS
from orchestration.simulate.truth import Truth


def film_figures(truth: Truth, period: str, classes: pl.DataFrame, films: pl.DataFrame) -> None:
    """Adds films per pupil and the share of pupils with two films.

    Args:
        truth: collects the counts.
        period: semester.
        classes: accepted class rosters: school, grade, klass, pupils.
        films: accepted screenings.
    """
    delivered = films.get_column("school").unique()
    seen = (
        films.filter(pl.col("title") < len(RECOMMENDED_FILMS))
        .drop("pupils")
        .join(classes, on=["school", "grade", "klass"])
        .group_by("school", "grade", "klass", "title", "pupils")
        .agg(seats=pl.col("attended").max())
        .with_columns(seats=pl.min_horizontal("seats", "pupils"))
        .group_by("school", "grade", "klass")
        .agg(total=pl.col("seats").sum(), second=pl.col("seats").sort(descending=True).get(1, null_on_oob=True))
    )
    per_class = classes.join(seen, on=["school", "grade", "klass"], how="left").with_columns(den=pl.col("pupils"))
    for indicator, column in (("films_per_pupil", "total"), ("films_two", "second")):
        truth.add(indicator, period, per_class.with_columns(num=pl.col(column).fill_null(0)), delivered)


def inspection_figures(truth: Truth, period: str, items: pl.DataFrame, horizon: int) -> None:
    """Adds the six inspection indicators.

    Args:
        truth: collects the counts.
        period: school year.
        items: accepted rows, one per item; item 0 where there is only a conclusion (in `result`).
        horizon: the latest inspection or re-check day in all years.
    """
    delivered = items.get_column("school").unique()
    key = pl.col("item").is_in([0, *KEY_ITEMS]) & (pl.col("result") == FAIL)
    checks = items.group_by("school", "canteen", "id", "on", "kind", "risk").agg(
        failed=key.any(),
        found=(pl.col("result") == FAIL).any(),
        due=pl.col("due").max(),
        again=pl.col("again").max(),
        outcome=pl.col("outcome").max(),
    )
    official = checks.filter(pl.col("kind") != SELF)
    required = pl.col("risk").replace_strict(
        [k for k in REQUIRED if k], [v for k, v in REQUIRED.items() if k], default=1, return_dtype=pl.Int64
    )
    canteens = (
        official.sort("on", "id")
        .group_by("school", "canteen", maintain_order=True)
        .agg(visits=pl.len(), risk=pl.col("risk").last())
        .with_columns(met=(pl.col("visits") >= required).cast(pl.Int64))
        .group_by("school")
        .agg(some=pl.len().cast(pl.Int64), met=pl.col("met").sum())
    )
    own = (
        truth.frame.select("school", den=pl.col("canteens"))
        .filter(pl.col("den") > 0)
        .join(canteens, on="school", how="left")
    )
    for indicator, column in (("canteens_inspected", "some"), ("inspection_frequency_met", "met")):
        capped = pl.min_horizontal(pl.col(column).fill_null(0), pl.col("den"))
        truth.add(indicator, period, own.with_columns(num=capped), delivered, own_stages=True)
    failed = official.with_columns(num=pl.col("failed").cast(pl.Int64), den=pl.lit(1))
    truth.add("inspection_key_failed", period, failed, own_stages=True)
    found = official.with_columns(num=pl.col("found").cast(pl.Int64), den=pl.lit(1))
    truth.add("inspection_finding", period, found, own_stages=True)
    truth.add("inspection_repeat", period, _looked_at_again(items), own_stages=True)
    closed = (pl.col("again") <= pl.col("due")) & (pl.col("outcome") == 0)
    due = official.filter(pl.col("due") <= horizon).with_columns(
        num=closed.fill_null(False).cast(pl.Int64), den=pl.lit(1)
    )
    truth.add("inspection_closed_on_time", period, due, own_stages=True)


def _looked_at_again(items: pl.DataFrame) -> pl.DataFrame:
    """Items of a canteen that failed and were looked at on a later day, with whether they failed again."""
    where = ["school", "canteen", "item"]
    looks = items.filter((pl.col("kind") != SELF) & (pl.col("item") > 0) & pl.col("result").is_not_null())
    first = looks.filter(pl.col("result") == FAIL).group_by(where).agg(since=pl.col("on").min())
    later = looks.join(first, on=where).filter(pl.col("on") > pl.col("since"))
    again = later.group_by(where).agg(num=(pl.col("result") == FAIL).any().cast(pl.Int64))
    return again.with_columns(den=pl.lit(1))


def kitchen_figures(truth: Truth, period: str, kitchens: pl.DataFrame) -> None:
    """Adds open and internet kitchens; a school without a row keeps the canteens of the school register."""
    delivered = kitchens.get_column("school").unique()
    latest = kitchens.sort("school", "on").unique("school", keep="last", maintain_order=True)
    own = truth.frame.select("school", registered=pl.col("canteens")).join(latest, on="school", how="left")
    own = own.with_columns(den=pl.coalesce("canteens", "registered"))
    for indicator, column in (("kitchen_open", "open"), ("kitchen_internet", "internet")):
        capped = pl.min_horizontal(pl.col(column).fill_null(0), pl.col("den"))
        truth.add(indicator, period, own.with_columns(num=capped), delivered, own_stages=True)

"""The few seeds that reading needs: the calendar and the acuity notation. They live in the dbt project; nothing is written twice."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import polars as pl

from orchestration.config import DBT_PROJECT_DIR

SEEDS = DBT_PROJECT_DIR / "seeds"


@dataclass(frozen=True)
class Calendar:
    """Semesters and school years with the days they cover."""

    semesters: pl.DataFrame

    def locate(self, dates: pl.Series) -> pl.DataFrame:
        """For each date: semester, school_year and in_teaching (null where the calendar does not reach)."""
        distinct = pl.DataFrame({"date": dates.unique().drop_nulls().sort()})
        found = distinct.join_asof(
            self.semesters.sort("covers_from"), left_on="date", right_on="covers_from", strategy="backward"
        )
        found = found.with_columns(
            pl.when(pl.col("date") <= pl.col("covers_to")).then(pl.col("period")).alias("semester"),
            pl.col("date").is_between(pl.col("teaching_from"), pl.col("teaching_to")).alias("in_teaching"),
        ).with_columns(pl.col("semester").str.slice(0, 9).alias("school_year"))
        return pl.DataFrame({"date": dates}).join(
            found.select("date", "semester", "school_year", "in_teaching"), on="date", how="left", maintain_order="left"
        )


@cache
def load_calendar() -> Calendar:
    """Reads seeds/calendar.csv."""
    frame = pl.read_csv(SEEDS / "calendar.csv", try_parse_dates=True).filter(pl.col("period_type") == "semester")
    return Calendar(frame.select("period", "covers_from", "covers_to", "teaching_from", "teaching_to"))


@cache
def load_acuity_table() -> dict[Decimal, int]:
    """Reads seeds/acuity_notation.csv: decimal record → five-point record times ten."""
    with (SEEDS / "acuity_notation.csv").open(encoding="utf-8") as stream:
        return {Decimal(row["decimal_acuity"]): int(row["five_point_x10"]) for row in csv.DictReader(stream)}

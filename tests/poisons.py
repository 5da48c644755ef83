"""Poisons a city could really get, put into the base tables as the deliveries would have left them. Nothing is rejected by any of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from orchestration.config import Home

PUPIL = pl.coalesce("pupil_xjh", "pupil_id", "pupil_no", "pupil_num")
_SIGHT = ["va_right", "va_left", "sphere_right", "sphere_left", "cylinder_right", "cylinder_left"]


def _rewrite(path: Path, table: pl.DataFrame) -> None:
    """A new file in the place of the old one: the copy of a home may share files with its original."""
    fresh = path.with_suffix(".part")
    table.write_parquet(fresh, compression="zstd")
    fresh.replace(path)


def second_round_copied(home: Home, period: str, schools: list[str]) -> None:
    """Somebody copied the sheet of the first round and changed the date."""
    path = home.base / "vision_check" / f"{period}.parquet"
    table = pl.read_parquet(path)
    first = [pl.col(c).sort_by("check_date", "round", "row_number").first().over(PUPIL) for c in _SIGHT]
    _rewrite(
        path,
        pl.concat(
            [
                table.filter(~pl.col("school").is_in(schools)),
                table.filter(pl.col("school").is_in(schools)).with_columns(first),
            ]
        ),
    )


def signs_lost(home: Home, period: str, school: str) -> None:
    """Dioptres without a sign."""
    path = home.base / "vision_check" / f"{period}.parquet"
    plus = [pl.when(pl.col("school") == school).then(pl.col(c).abs()).otherwise(pl.col(c)).alias(c) for c in _SIGHT[2:]]
    _rewrite(path, pl.read_parquet(path).with_columns(plus))


def last_years_sheet(home: Home, year: str, before: str, school: str) -> None:
    """The examination of the year before under this year's dates."""
    body, path = ["height_mm", "weight_g"], home.base / "physical_exam" / f"{year}.parquet"
    table = pl.read_parquet(path).with_row_index("place").with_columns(pupil=PUPIL)
    last = pl.read_parquet(path.with_name(f"{before}.parquet")).with_columns(pupil=PUPIL).drop_nulls("pupil")
    last = last.group_by("pupil").agg(pl.col(c).max() for c in body)
    mixed = table.join(last, on="pupil", how="left", suffix="_last", maintain_order="left")
    own = (pl.col("school") == school) & pl.col("height_mm_last").is_not_null()
    changed = [pl.when(own).then(pl.col(f"{c}_last")).otherwise(pl.col(c)).alias(c) for c in body]
    _rewrite(path, mixed.with_columns(changed).select(pl.read_parquet_schema(path).keys()))


def roster_short(home: Home, period: str, school: str) -> None:
    """Three in ten pupils of a school are missing from its roster; what landing counted is counted without them."""
    path, parts = home.base / "student_roster" / f"{period}.parquet", home.base / "_parts" / "parts.parquet"
    table = pl.read_parquet(path).with_columns(pupil=PUPIL)
    gone = pl.col("school").eq(school) & (pl.col("pupil").rank("dense").over("school") % 10 < 3)
    lost = table.filter(gone).group_by("delivery_id", "part").agg(lost=pl.len().cast(pl.Int64))
    _rewrite(path, table.filter(~gone).drop("pupil"))
    landed = pl.read_parquet(parts)
    fewer = landed.join(lost, on=["delivery_id", "part"], how="left", maintain_order="left")
    counted = [
        (pl.col(c) - pl.col("lost").fill_null(0)).cast(landed.schema[c]).alias(c)
        for c in ("rows_read", "rows_accepted")
    ]
    _rewrite(parts, fewer.with_columns(counted).select(landed.columns))

"""The last step for feeds whose base table is shaped otherwise than their sheets: vision notations, inspections by item, hashed texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from orchestration.ingest.pseudonyms import Pseudonymiser

Schema = dict[str, pl.DataType]


@dataclass(frozen=True)
class Shape:
    """How base columns differ from the contract's, and the function that makes them."""

    columns: Callable[[Schema], Schema]
    apply: Callable[[pl.DataFrame, Pseudonymiser], pl.DataFrame]


def _column(rows: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name) if name in rows.columns else pl.lit(None, dtype).alias(name)


def _vision_columns(own: Schema) -> Schema:
    return {**own, "va_right_code": pl.String(), "va_left_code": pl.String(), "va_notation": pl.String()}


def _vision(rows: pl.DataFrame, pseudonymiser: Pseudonymiser) -> pl.DataFrame:
    right, left = (_column(rows, f"va_{eye}:code", pl.String()) for eye in ("right", "left"))
    decimal = (right == "decimal") | (left == "decimal")
    measured = pl.col("va_right").is_not_null() | pl.col("va_left").is_not_null()
    ortho = _column(rows, "ortho_k", pl.Boolean())
    glasses = _column(rows, "glasses", pl.String())
    return rows.with_columns(
        pl.coalesce(_column(rows, "round", pl.Int32()), pl.col("_ctx_round")).alias("round"),
        pl.when(right == "not_measured").then(right).alias("va_right_code"),
        pl.when(left == "not_measured").then(left).alias("va_left_code"),
        pl.when(measured)
        .then(pl.when(decimal.fill_null(False)).then(pl.lit("decimal")).otherwise(pl.lit("five_point")))
        .alias("va_notation"),
        pl.when(ortho.fill_null(False)).then(pl.lit("ortho_k")).otherwise(glasses).alias("glasses"),
    )


_ITEMS = [f"item_{i:02d}" for i in range(1, 34)]


def _food_columns(own: Schema) -> Schema:
    kept = {n: t for n, t in own.items() if n not in {*_ITEMS, "canteen_name", "licence"}}
    return {**kept, "canteen": pl.String()}


def _hashed(text: pl.Expr, rows: pl.DataFrame, pseudonymiser: Pseudonymiser, purpose: str) -> pl.Series:
    given = rows.select("row_number", text.alias("t"))["t"]  # beside a column, so that a constant fills all rows
    distinct = given.unique().drop_nulls()
    table = pl.DataFrame(
        {"t": distinct, "h": [t.hex()[:16] for t in pseudonymiser.tokens(purpose, distinct)]},
        schema={"t": pl.String, "h": pl.String},
    )
    return given.to_frame().join(table, on="t", how="left", maintain_order="left")["h"]


def _food(rows: pl.DataFrame, pseudonymiser: Pseudonymiser) -> pl.DataFrame:
    """One row per inspected item; a check without items keeps one row with item 0."""
    place = pl.coalesce(_column(rows, "licence", pl.String()), _column(rows, "canteen_name", pl.String()))
    rows = rows.with_columns(_hashed(place, rows, pseudonymiser, "canteen").fill_null("main").alias("canteen"))
    stated = _column(rows, "inspection_id", pl.String())
    made = pl.concat_str(
        pl.coalesce(pl.col("school"), _column(rows, "school_name", pl.String()), pl.lit("")), pl.col("canteen"),
        pl.col("inspected_on").cast(pl.String), _column(rows, "inspection_type", pl.String()).fill_null(""), separator="|",
    )  # fmt: skip
    rows = rows.with_columns(
        _hashed(pl.coalesce(stated, made), rows, pseudonymiser, "inspection").alias("inspection_id")
    )
    item = _column(rows, "item", pl.Int32())
    across = [n for n in _ITEMS if n in rows.columns]
    kept = [n for n in rows.columns if n not in {*across, "item", "result"}]
    single = rows.with_columns(item.fill_null(0).alias("item"), _column(rows, "result", pl.String()))
    if not across:
        return single
    # A batch may hold both layouts: the columns of the other one would stand in the way of the unpivoted ones.
    wide = rows.filter(pl.any_horizontal(pl.col(across).is_not_null())).drop("item", "result", strict=False)
    long = wide.unpivot(on=across, index=kept, variable_name="_item", value_name="result").filter(
        pl.col("result").is_not_null()
    )
    long = long.with_columns(pl.col("_item").str.slice(5).cast(pl.Int32).alias("item")).drop("_item")
    rest = single.filter(pl.all_horizontal(pl.col(across).is_null())).drop(across)
    return pl.concat([long, rest.select(long.columns)])


def _measure_columns(own: Schema) -> Schema:
    return {**own, "measured_period": pl.String()}


def _measure(rows: pl.DataFrame, pseudonymiser: Pseudonymiser) -> pl.DataFrame:
    """A figure may speak of one semester of the school year its row is filed under."""
    stated = pl.coalesce("_stated", "_ctx_period")
    return rows.with_columns(
        pl.when(stated.str.len_chars() == 11).then(stated).otherwise("period").alias("measured_period")
    )


SHAPES: dict[str, Shape] = {
    "reported_measure": Shape(_measure_columns, _measure),
    "vision_check": Shape(_vision_columns, _vision),
    "food_inspection": Shape(_food_columns, _food),
}

"""Stretches of rows that stand together: a number for each, its cells joined to one text, and text of data made safe in them.

Rows come sorted from the tables; walking along them costs a fraction of grouping by names and picking one column at a time.
"""

from __future__ import annotations

import polars as pl


def runs(*keys: str) -> pl.Expr:
    """A number for each stretch of rows with the same keys."""
    return pl.sum_horizontal(pl.col(k).rle_id().cast(pl.Int64) for k in keys)


def joined_cells(rows: pl.DataFrame, most: int, blank: str = "<td>") -> pl.DataFrame:
    """One text per ``run`` of rows: each ``cell`` in its column ``at`` of ``width``, an empty one where a column has none.

    Args:
        rows: In order of run and column; a run's rows stand together.
        most: Columns of the widest run.
        blank: An empty cell.

    Returns:
        The first row of each run with its ``cells``.
    """
    blanks = {n: blank * n for n in range(most + 1)}
    first = (pl.col("run") != pl.col("run").shift()).fill_null(True)
    before = pl.when(first).then(-1).otherwise(pl.col("at").shift())
    return (
        rows.with_columns(
            cell=(pl.col("at") - before - 1).replace_strict(blanks, return_dtype=pl.String) + pl.col("cell")
        )
        .group_by("run", maintain_order=True)
        .agg(
            pl.exclude("cell", "at").first(),
            cells=pl.col("cell").str.join(""),
            left=pl.col("width").first() - 1 - pl.col("at").last(),
        )
        .with_columns(cells=pl.col("cells") + pl.col("left").replace_strict(blanks, return_dtype=pl.String))
    )


def escaped(text: pl.Expr) -> pl.Expr:
    """Text of data as text of a page."""
    return text.str.replace_many(["&", "<", ">", '"'], ["&amp;", "&lt;", "&gt;", "&quot;"])

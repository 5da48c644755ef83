"""What the sheets of the assessment, the commitments and the ledger have in common: rows of text, numbers read back from it, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from reports.books import cells
from reports.books.cells import Blank
from reports.books.models import Column
from reports.books.words import REASONS
from reports.site import Site


def frame(names: Sequence[str], rows: Iterable[Sequence[Any]], **other: Any) -> pl.DataFrame:
    """Rows of text, but for the columns named with another type."""
    schema = {name: other.get(name, pl.String) for name in names}
    return pl.DataFrame([tuple(r) for r in rows], schema=schema, orient="row")


def numbers(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Adds the number and the format of columns of the formatter's text."""
    return rows.with_columns(
        e
        for k in keys
        for e in (cells.number(pl.col(k)).alias(f"{k}_n"), cells.excel_format(pl.col(k)).alias(f"{k}_format"))
    )


def number(key: str, title: str) -> Column:
    """A column made by `numbers`."""
    return Column(f"{key}_n", title, "number", f"@{key}_format")


def because(site: Site, **columns: Sequence[str]) -> list[Blank]:
    """Columns whose empty cells have one reason each, by the reason's code."""
    return [(keys, pl.lit(site.t(REASONS[code][0]))) for code, keys in columns.items()]

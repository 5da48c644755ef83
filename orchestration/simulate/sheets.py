"""What a delivered sheet looks like: columns, header levels, title and note rows, and the text of its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

CellKind = Literal["text", "number", "date"]
Cells = dict[str, str | None]
Texts = dict[str, list[str | None]]


@dataclass(frozen=True)
class Column:
    """One column: the simulator's own key, its header from top level to leaf, and the official name of what it holds."""

    key: str
    heads: tuple[str, ...]
    official: str
    kind: CellKind = "text"


def column(key: str, head: str, official: str = "", kind: CellKind = "text") -> Column:
    """A column; levels of the header are parted by `|`."""
    heads = tuple(head.split("|"))
    return Column(key, heads, official or heads[-1], kind)


@dataclass(frozen=True)
class Layout:
    """An official or agreed form."""

    feed: str
    name: str
    columns: tuple[Column, ...]
    title: str = ""
    note: str = ""

    @property
    def levels(self) -> int:
        """Header rows without title and note."""
        return max(len(c.heads) for c in self.columns)

    def official(self, key: str) -> str:
        """Official Chinese name of a column."""
        return next(c.official for c in self.columns if c.key == key)

    def extended(self, *more: Column) -> Layout:
        """The same form with extra columns at the end."""
        return replace(self, columns=self.columns + more)

    @property
    def keys(self) -> list[str]:
        """Keys in file order."""
        return [c.key for c in self.columns]


@dataclass(frozen=True)
class Spoil:
    """A way to make a row inacceptable (`rule` says why), or to write it strangely but readably (no rule).

    `edit` gets the texts of the chosen rows by column key and returns the changed columns; `where` says which rows it suits.
    """

    key: str
    keys: tuple[str, ...]
    edit: Callable[[Texts, np.random.Generator], Texts]
    rule: str
    where: pl.Expr
    weight: float = 1.0


@dataclass
class Batch:
    """One delivery before it is written: clean text in the order of the layout.

    `bulk` marks a county's file, `mendable` whether rows of it may be corrected by a later file, `doomed` the rule and column key for
    which every row of it must be rejected, `spotless` that no dirt may come near it, `insist` that rejected rows are always sent again.
    """

    feed: str
    period: str
    school: str
    stem: str
    layout: Layout
    text: pl.DataFrame
    title: str = ""
    sheet: str = "Sheet1"
    bulk: bool = False
    mendable: bool = True
    doomed: tuple[str, str] | None = None
    spotless: bool = False
    insist: bool = False


def decimals(expr: pl.Expr, places: int) -> pl.Expr:
    """A scaled integer as text: 49 with one place becomes 4.9."""
    digits = expr.abs().cast(pl.String).str.zfill(places + 1)
    sign = pl.when(expr < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + digits.str.head(-places) + "." + digits.str.tail(places)


def dates(expr: pl.Expr, form: str = "%Y-%m-%d") -> pl.Expr:
    """Days since 1970 as text."""
    return expr.cast(pl.Int32).cast(pl.Date).dt.strftime(form)


def words(expr: pl.Expr, table: Sequence[str]) -> pl.Expr:
    """Small integers as the words of a table."""
    return expr.cast(pl.Int64).replace_strict(
        list(range(len(table))), list(table), default=None, return_dtype=pl.String
    )


GRADE_CODES = ("", "11", "12", "13", "14", "15", "16", "21", "22", "23", "31", "32", "33")
GRADE_WORDS = (
    "",
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
)
GRADE_OLD = (
    "",
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "初一",
    "初二",
    "初三",
    "高一",
    "高二",
    "高三",
)

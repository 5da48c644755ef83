"""What a book consists of, before any file format: columns, sheets, and what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from reports.books.cells import Blank

WHY = "why"  # column of a table's frame that says why cells are empty
Kind = Literal["text", "number", "status"]
Group = Literal["county", "domain", "commitments"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: Column of the sheet's frame.
        title: Its head, unique in the sheet.
        kind: How it is written; a status is one of the status words and is coloured as on the pages.
        format: Excel format of a number, or the name of the frame's column that has one for each row (``@key``).
        most: Greatest width, in half-width characters; longer text is wrapped.
    """

    key: str
    title: str
    kind: Kind = "text"
    format: str = "#,##0"
    most: int = 40


@dataclass(frozen=True)
class Sheet:
    """One marked table on one sheet.

    Attributes:
        key: Name of the Excel table, plain ASCII.
        name: Name of the tab.
        title: What the table is about, with unit and scope.
        note: How to read it, one sentence.
        columns: Columns from left to right.
        frame: Rows in the order of the sheet.
        fixed: Columns that stay visible when scrolling and are repeated on every printed page.
        blanks: Why cells of named columns may be empty; told in a last column wherever one is.
        filtered: Whether the head has filters, which can also sort; never for schools of the public edition, where nobody is ranked.
    """

    key: str
    name: str
    title: str
    note: str
    columns: Sequence[Column]
    frame: pl.DataFrame
    fixed: int = 1
    blanks: Sequence[Blank] = ()
    filtered: bool = True


@dataclass(frozen=True)
class Book:
    """A workbook: its cover, its tables, its dictionary and notes.

    Attributes:
        path: Address from the site's root.
        title: Title on the cover.
        about: What is in it, one sentence.
        sheets: Tables; those without rows are left out.
        codes: Indicators of the dictionary.
        area: Area whose footnotes belong in it; empty for the whole region.
    """

    path: str
    title: str
    about: str
    sheets: Sequence[Sheet]
    codes: Sequence[str]
    area: str = ""


@dataclass(frozen=True)
class Download:
    """A written file, for the page of downloads. `rows` counts data rows of all tables, `sheets` is 0 for what has none."""

    path: str
    kind: Literal["xlsx", "csv", "pdf"]
    group: Group
    owner: str
    title: str
    about: str
    size: int
    sheets: int = 0
    rows: int = 0
    pages: int = 0
    metadata: str = ""

    @property
    def words_of_size(self) -> str:
        """Size as people read it."""
        return size_words(self.size)


def size_words(size: int) -> str:
    """Bytes in KB or MB, one decimal from a megabyte on."""
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000)):,} KB"

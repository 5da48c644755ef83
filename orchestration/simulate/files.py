"""Writes sheets to disk the way offices do: CSV in several encodings, old and new Excel, packed or not.

Nothing written depends on the clock: archives and workbooks carry a fixed date.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from orchestration.simulate.sheets import Column

FIXED = dt.datetime(2000, 1, 1)
Row = Sequence[str]


@dataclass(frozen=True)
class Style:
    """How a file is written."""

    kind: str = "csv"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    pack: str = ""
    real_dates: bool = False


@dataclass
class Page:
    """One sheet ready to be written: rows above the data, the data, rows below it."""

    columns: tuple[Column, ...]
    head: list[Row]
    body: pl.DataFrame
    tail: list[Row] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    name: str = "Sheet1"
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)


def _csv_rows(rows: Sequence[Row], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def csv_bytes(page: Page, style: Style) -> bytes:
    """A sheet as delimited text."""
    body = page.body.write_csv(
        include_header=False,
        separator=style.delimiter,
        line_terminator="\r\n",
        null_value="",
        quote_style="necessary",
    )
    text = _csv_rows(page.head, style.delimiter) + body + _csv_rows(page.tail, style.delimiter)
    return text.encode(style.encoding)


def xlsx_bytes(pages: Sequence[Page], real_dates: bool = False) -> bytes:
    """Sheets as a new Excel workbook; plain numbers become number cells, everything else text."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": FIXED, "author": "", "comments": ""})
    bold, day = (
        book.add_format({"bold": True, "align": "center"}),
        book.add_format({"num_format": "yyyy-mm-dd"}),
    )
    for page in pages:
        sheet = book.add_worksheet(page.name)
        for number, row in enumerate(page.head):
            for index, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, index, cell, bold)
        for top, left, bottom, right in page.merges:
            sheet.merge_range(top, left, bottom, right, page.head[top][left], bold)
        top = len(page.head)
        for index, column in enumerate(page.columns):
            for offset, cell in enumerate(page.body.to_series(index).to_list()):
                if cell is None:
                    continue
                if column.kind == "number" and (number_ := plain_number(cell)) is not None:
                    sheet.write_number(top + offset, index, number_)
                elif column.kind == "date" and real_dates and (date := plain_date(cell)) is not None:
                    sheet.write_datetime(top + offset, index, date, day)
                else:
                    sheet.write_string(top + offset, index, cell)
        for (offset, index), formula in page.formulas.items():
            sheet.write_formula(top + offset, index, formula, None, 0)
        top += page.body.height
        for number, row in enumerate(page.tail):
            for index, cell in enumerate(row):
                if cell:
                    sheet.write_string(top + number, index, cell)
    book.close()
    return out.getvalue()


def xls_bytes(pages: Sequence[Page]) -> bytes:
    """Sheets as an Excel 97-2003 workbook."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    for page in pages:
        sheet = book.add_sheet(page.name)
        covered = {(r, c) for t, le, b, ri in page.merges for r in range(t, b + 1) for c in range(le, ri + 1)}
        for top, left, bottom, right in page.merges:
            sheet.write_merge(top, bottom, left, right, page.head[top][left])
        for number, row in enumerate(page.head):
            for index, cell in enumerate(row):
                if cell and (number, index) not in covered:
                    sheet.write(number, index, cell)
        top = len(page.head)
        for index, column in enumerate(page.columns):
            for offset, cell in enumerate(page.body.to_series(index).to_list()):
                if cell is None:
                    continue
                value = plain_number(cell) if column.kind == "number" else None
                sheet.write(top + offset, index, cell if value is None else value)
        top += page.body.height
        for number, row in enumerate(page.tail):
            for index, cell in enumerate(row):
                if cell:
                    sheet.write(top + number, index, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain_number(text: str) -> float | None:
    """The number, if Excel would have stored the cell as one without changing what it shows."""
    body = text[1:] if text[:1] == "-" else text
    whole, dot, part = body.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))):
        return None
    if len(body) > 11 or (len(whole) > 1 and whole[0] == "0"):
        return None
    return float(text)


def plain_date(text: str) -> dt.datetime | None:
    """The date of an ISO text."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return None


def pack(members: dict[str, bytes], how: str) -> bytes:
    """Packs files as .zip, or a single one as .gz, with a fixed date."""
    if how == "gz":
        return gzip.compress(next(iter(members.values())), 6, mtime=0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(info, data)
    return out.getvalue()


def save(path: Path, data: bytes) -> None:
    """Writes a file below folders made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

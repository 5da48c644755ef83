"""A book as an xlsx file, by XlsxWriter: cover, contents, one marked table per sheet, dictionary, notes, legend.

After the guidance for accessible spreadsheets: no merged cells, no empty rows inside, a reason for every empty cell, one table to a sheet. Filters
and a head that stays, which that guidance leaves out, are what a supervisor's office expects. Bytes depend on the book alone.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import xlsxwriter

from reports import vocabulary as v
from reports.books import about, cells
from reports.books.models import WHY, Book, Column, Sheet
from reports.i18n import N_
from reports.site import Site

CREATED = dt.datetime(2000, 1, 1)
HEAD_ROW = 3  # title, how to read, way back; then the table
NARROWEST, WIDEST_NUMBER = 7, 14
PAGE_WIDTH = 175  # half-width characters on A4 across, shrunk as far as one can still read
LINE_HEIGHT = 15
FONT = "Microsoft YaHei"
FIGURE_ID = "figure_id"
_MIDDLE = {"align": "center", "valign": "vcenter"}
_LINE = {"bottom": 1, "bottom_color": "#D5DBE3"}
_NOT_IN_TAB = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_TAB_LENGTH = 31
_STATUS_FILL = {"met": "#E3EBF3", "not_met": "#FDE6D9", "suppressed": "#F0F1F3", "not_reported": "#F0F1F3"}


def tab_name(name: str, taken: set[str]) -> str:
    """A name Excel accepts for a tab: without its signs, at most 31 characters, not taken yet."""
    plain = _NOT_IN_TAB.sub(" ", name).strip()[:_TAB_LENGTH] or "-"
    return _not_taken(plain, taken | {"history"}, _TAB_LENGTH, taken)


def _not_taken(name: str, known: set[str], most: int, taken: set[str]) -> str:
    """The name, with a number where it is known already, however it is written."""
    found, n = name, 2
    while found.casefold() in known:
        tail = f" {n}"
        found, n = name[: most - len(tail)] + tail, n + 1
    taken.add(found.casefold())
    return found


def heads(columns: Sequence[Column]) -> list[str]:
    """Heads of a table, which Excel wants to differ, in more than the size of letters."""
    taken: set[str] = set()
    return [_not_taken(c.title, taken, 255, taken) for c in columns]


def to_xlsx(site: Site, book: Book) -> tuple[bytes, int, int]:
    """The file of a book, its sheets and its data rows."""
    return _Writer(site, book).write()


def _display(text: str) -> int:
    """Width in half-width characters."""
    return (len(text.encode()) + len(text)) // 2


class _Writer:
    """One workbook being written."""

    def __init__(self, site: Site, book: Book) -> None:
        self.site, self.book, self.t = site, book, site.t
        self.out = io.BytesIO()
        self.file = xlsxwriter.Workbook(
            self.out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.file.set_properties({"title": book.title, "subject": site.edition_mark, "created": CREATED})
        self.file.formats[0].set_font_name(FONT)
        self.file.formats[0].set_font_size(10)
        self.taken: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.source = f"{site.region} {site.period(site.book.school_year)} {self.release}"

    @property
    def release(self) -> str:
        """The release, or that this is a draft."""
        name = self.site.release_name
        return f"{self.site.book.school_year}/{name}" if name else self.t(N_("预览稿·未发布"))

    def look(self, **wanted: Any) -> Any:
        """A cell format; one for each look."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({"font_name": FONT, "font_size": 10, "valign": "top", **wanted})
        return self._formats[key]

    def write(self) -> tuple[bytes, int, int]:
        t = self.t
        tables = [with_reasons(self.site, s) for s in self.book.sheets if not s.frame.is_empty()]
        if self.book.codes:
            tables.append(about.dictionary(self.site, self.book.codes))
        after = [
            s for s in (about.notes(self.site, self.book), about.legend(self.site, tables)) if not s.frame.is_empty()
        ]
        cover = self.file.add_worksheet(tab_name(t(N_("封面")), self.taken))
        contents = self.file.add_worksheet(tab_name(t(N_("目录")), self.taken))
        placed = [(s, self.file.add_worksheet(tab_name(s.name, self.taken))) for s in [*tables, *after]]
        self._cover(cover, contents.get_name())
        listing = pl.DataFrame(
            [(sheet.get_name(), s.title, s.frame.height) for s, sheet in placed],
            schema={"tab": pl.String, "title": pl.String, "rows": pl.Int64},
            orient="row",
        )
        head = Sheet(
            "contents",
            "",
            t(N_("目录")),
            t(N_("点表名可到该表。")),
            [
                Column("tab", t(N_("表"))),
                Column("title", t(N_("内容")), most=90),
                Column("rows", t(N_("行数")), "number"),
            ],
            listing,
        )
        self._table(contents, head, cover.get_name())
        for n, (_, sheet) in enumerate(placed):
            self._link(contents, HEAD_ROW + 1 + n, 0, sheet.get_name(), sheet.get_name(), indent=1, **_LINE)
        for s, sheet in placed:
            self._table(sheet, s, contents.get_name())
        self.file.close()
        return self.out.getvalue(), len(placed) + 2, sum(s.frame.height for s in tables)

    def _link(self, sheet: Any, row: int, column: int, tab: str, words: str, **look: Any) -> None:
        link = self.look(font_color="#174F86", underline=1, **look)
        sheet.write_url(row, column, f"internal:'{tab}'!A1", link, string=words)

    def _cover(self, sheet: Any, contents: str) -> None:
        site, t = self.site, self.t
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 96)
        sheet.set_row(0, 36)
        sheet.write_string(0, 0, self.book.title, self.look(bold=True, font_size=20, valign="vcenter"))
        facts = [
            (t(N_("版本")), site.edition_mark),
            (t(N_("地区")), site.region),
            (t(N_("学年")), site.period(site.book.school_year)),
            (t(N_("发布号")), self.release),
            *([(t(N_("发布日期")), str(site.release["as_of"]))] if site.release.get("as_of") else []),
            *([(t(N_("发布说明")), site.note)] if site.note else []),
            (t(N_("数据版本")), site.data_version),
            *([(t(N_("数据截至")), site.as_of)] if site.as_of else []),
            (t(N_("内容")), self.book.about),
            *((t(N_("怎样读")) if n == 0 else "", words) for n, words in enumerate(about.how_to_read(site))),
        ]
        strong, plain = self.look(bold=True), self.look(text_wrap=True)
        for n, (name, words) in enumerate(facts, 1):
            sheet.write_string(n, 0, name, strong)
            sheet.write_string(n, 1, words, plain)
        self._link(sheet, len(facts) + 1, 0, contents, t(N_("目录")))
        self._paper(sheet, len(facts) + 1, 1, wide=1)

    def _paper(self, sheet: Any, last_row: int, last_column: int, *, wide: int) -> None:
        """A4 across, fitted to the width, with the release and the page numbers at the edges."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        sheet.fit_to_pages(wide, 0)
        sheet.print_area(0, 0, last_row, last_column)
        title, source = (x.replace("&", "&&")[:110] for x in (self.book.title, self.source))
        sheet.set_header(f"&L&9{title}&R&9{self.site.edition_mark}")
        sheet.set_footer(f"&L&9{source}&R&9" + self.t(N_("第%(page)s页 共%(pages)s页")) % {"page": "&P", "pages": "&N"})

    def _table(self, sheet: Any, s: Sheet, back: str) -> None:
        last_row, last = HEAD_ROW + s.frame.height, len(s.columns) - 1
        sheet.write_string(0, 0, s.title, self.look(bold=True, font_size=14))
        sheet.write_string(1, 0, s.note, self.look(font_color="#55606E"))
        self._link(sheet, 2, 0, back, self.t(N_("返回%(name)s")) % {"name": back})
        head = self.look(
            bold=True,
            bg_color="#12436D",
            font_color="#FFFFFF",
            text_wrap=True,
            border=1,
            border_color="#FFFFFF",
            **_MIDDLE,
        )
        sheet.add_table(
            HEAD_ROW,
            0,
            last_row,
            last,
            {
                "name": f"t_{s.key}",
                "style": "Table Style Light 1",
                "banded_rows": False,
                "autofilter": s.filtered,
                "columns": [{"header": words, "header_format": head} for words in heads(s.columns)],
            },
        )
        widths = [_width(s.frame, c) for c in s.columns]
        lines = max(math.ceil(_display(c.title) / (width - 3)) for c, width in zip(s.columns, widths, strict=True))
        sheet.set_row(0, 24)
        sheet.set_row(HEAD_ROW, LINE_HEIGHT * lines + 5)
        for row, high in enumerate(_lines(s.frame, s.columns, widths), HEAD_ROW + 1):
            if high > 1:  # not every program finds the height of wrapped text by itself
                sheet.set_row(row, LINE_HEIGHT * high)
        for n, (c, width) in enumerate(zip(s.columns, widths, strict=True)):
            sheet.set_column(n, n, width)
            self._column(sheet, n, c, s.frame, wrap=width >= c.most)
        sheet.freeze_panes(HEAD_ROW + 1, s.fixed)
        sheet.repeat_rows(HEAD_ROW)
        # figure ids are for looking up, not for paper
        printed = next((n for n, c in enumerate(s.columns) if c.key == FIGURE_ID), last + 1) - 1
        wide = math.ceil(sum(widths[: printed + 1]) / PAGE_WIDTH)
        if wide > 1:
            sheet.repeat_columns(0, s.fixed - 1)
            sheet.print_across()  # the pages of a row follow each other
        self._paper(sheet, last_row, printed, wide=wide)

    def _column(self, sheet: Any, n: int, c: Column, frame: pl.DataFrame, *, wrap: bool) -> None:
        """The cells of a column; text is always written as text, whatever it begins with."""
        values = frame[c.key].to_list()
        start = HEAD_ROW + 1
        if c.kind == "number":
            own = frame[c.format[1:]].to_list() if c.format.startswith("@") else None
            same = self.look(num_format=c.format, **_LINE) if own is None else None
            for row, value in enumerate(values, start):
                if value is not None:
                    look = same if own is None else self.look(num_format=own[row - start] or "General", **_LINE)
                    sheet.write_number(row, n, value, look)
                else:
                    sheet.write_blank(row, n, None, self.look(**_LINE))
            return
        look = self.look(text_wrap=wrap, indent=1, **_LINE)
        for row, value in enumerate(values, start):
            sheet.write_string(row, n, value or "", look)
        if c.kind == "status":
            for code, fill in _STATUS_FILL.items():
                word = self.t(v.STATUSES[code].word)
                look = self.file.add_format({"bg_color": fill, "bold": code == "not_met"})
                rule = {"type": "text", "criteria": "begins with", "value": word, "format": look}
                sheet.conditional_format(start, n, HEAD_ROW + len(values), n, rule)


def _text_width(key: str) -> pl.Expr:
    """Width of text cells in half-width characters, as `_display` counts it."""
    return ((pl.col(key).str.len_bytes() + pl.col(key).str.len_chars()) // 2).fill_null(0)


def _lines(frame: pl.DataFrame, columns: Sequence[Column], widths: Sequence[int]) -> list[int]:
    """Lines that each row needs: of its longest cell in a column that is cut at its greatest width."""
    wrapped = [
        (_text_width(c.key) / (width - 2)).ceil()
        for c, width in zip(columns, widths, strict=True)
        if c.kind != "number" and width >= c.most
    ]
    if not wrapped:
        return []
    return frame.select(pl.max_horizontal(*wrapped, pl.lit(1)).cast(pl.Int64).alias("lines"))["lines"].to_list()


def _width(frame: pl.DataFrame, c: Column) -> int:
    """Width of a column: its longest cell, its head on two lines, with room for the filter's arrow."""
    head = math.ceil(_display(c.title) / 2) + 4
    if c.kind == "number":
        return min(max(head, NARROWEST + 2), WIDEST_NUMBER)
    longest = frame.select(_text_width(c.key).max()).item() or 0
    return min(max(min(head, 16), int(longest) + 3, NARROWEST), c.most)


def with_reasons(site: Site, s: Sheet) -> Sheet:
    """The sheet with a last column that says why cells are empty, where any is."""
    told = cells.reasons(s.frame, s.blanks, {c.key: c.title for c in s.columns}, site.t)
    if not (told != "").any():
        return s
    column = Column(WHY, site.t(N_("空格的原因")), most=52)
    columns = [c for c in s.columns if c.key != FIGURE_ID]
    ids = [c for c in s.columns if c.key == FIGURE_ID]
    return replace(s, frame=s.frame.with_columns(told.alias(WHY)), columns=[*columns, column, *ids])

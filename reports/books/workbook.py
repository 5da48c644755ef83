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

from reports import footnotes
from reports import vocabulary as v
from reports.books import cells
from reports.books.models import Book, Column, Sheet
from reports.books.words import REASONS
from reports.i18n import N_
from reports.site import Site

CREATED = dt.datetime(2000, 1, 1)
HEAD_ROW = 3  # title, how to read, way back; then the table
NARROWEST, WIDEST_NUMBER = 7, 14
PAGE_WIDTH = 175  # half-width characters on A4 across, shrunk as far as one can still read
LINE_HEIGHT = 15
FONT = "Microsoft YaHei"
WHY, FIGURE_ID = "why", "figure_id"
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
            tables.append(_dictionary(self.site, self.book.codes))
        after = [s for s in (_notes(self.site, self.book), _legend(self.site, tables)) if not s.frame.is_empty()]
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
            *((t(N_("怎样读")) if n == 0 else "", words) for n, words in enumerate(_how_to_read(site))),
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


def _how_to_read(site: Site) -> list[str]:
    t = site.t
    words = [
        t(N_("数值与网页相同，小数位数也相同；判定按未四舍五入的数值作出。比例为Excel的百分比，可以直接计算。")),
        t(N_("空格都有原因，写在同一行的判定或“空格的原因”里；未报送不等于0。用语见“图例”。")),
        t(N_("各级数值都是分子之和除以分母之和，不是各校比例的平均。")),
        t(N_("“图号”可以在网页里定位到该数值，也用于追溯来源。")),
    ]
    if site.public:
        words.append(t(N_("公开版：学生人数取整到5；学校只列判定，不列数值，不排名。")))
    return words


def _dictionary(site: Site, codes: Sequence[str]) -> Sheet:
    """The indicators of the book as the catalogue defines them."""
    t = site.t
    items = [site.book.indicators[c] for c in codes]
    absent = t(N_("目录未写明"))
    rows = [
        (
            i.code,
            i.name_zh,
            i.name_en or absent,
            i.numerator or absent,
            i.denominator or absent,
            t(N_("比例")) if i.is_share else t(i.unit) or t(N_("无单位")),
            t(N_("越高越好")) if i.higher else t(N_("越低越好")),
            t(N_("置信区间")) if i.interval else t(N_("全数核算")),
            i.source or absent,
            i.method or absent,
        )
        for i in items
    ]
    described = [
        ("code", t(N_("代码")), 24),
        ("name_zh", t(N_("中文名称")), 34),
        ("name_en", t(N_("英文名称")), 40),
        ("numerator", t(N_("分子")), 46),
        ("denominator", t(N_("分母")), 40),
        ("unit", t(N_("单位")), 12),
        ("better", t(N_("方向")), 12),
        ("judged", t(N_("判断方式")), 12),
        ("source", t(N_("依据")), 46),
        ("method", t(N_("口径版本")), 12),
    ]
    return Sheet(
        "dictionary",
        t(N_("指标字典")),
        t(N_("本册指标的口径")),
        t(N_("与网页“方法与口径”相同；代码用于图号。")),
        [Column(key, title, most=most) for key, title, most in described],
        pl.DataFrame(rows, schema=dict.fromkeys((d[0] for d in described), pl.String), orient="row"),
        fixed=2,
    )


def limits(site: Site) -> list[str]:
    """Known limits of what the release shows."""
    t = site.t
    found = [
        t(N_("分母为1至9名学生的数值不显示，写作“已隐去”；为防止用合计反推，另有一些数值一并隐去。")),
        t(N_("不足20人的群体，0%和100%写作“≤5%”和“≥95%”。")),
        t(N_("学生在每学期只算一次，算在基准日负责的学校；检查在哪里做都算。")),
        t(N_("未报送的学校在学校一级写“未报送”，在区县和市一级仍计入分母。")),
        t(N_("本版共隐去 %(n)s 个数值。")) % {"n": f"{site.book.hidden_cells:,}"},
    ]
    if site.revised:
        found.append(t(N_("本次为修订发布。")) + t(N_("修订的时间：")) + t(N_("、")).join(site.revised))
    return found


def _notes(site: Site, book: Book) -> Sheet:
    """Known limits, and the waivers that touch the book's figures."""
    t = site.t
    rows = [(t(N_("限度")), "", words) for words in limits(site)]
    rows += [
        (
            t(N_("豁免%(n)s")) % {"n": n.waiver},
            n.scope,
            t(N_("；")).join(
                x
                for x in (
                    n.said,
                    n.faults,
                    t(N_("豁免理由：")) + n.reason,
                    t(N_("有效期至%(day)s")) % {"day": n.until},
                    t(N_("涉及指标：")) + t(N_("、")).join(c for c in book.codes if c in n.codes),
                )
                if x
            ),
        )
        for n in footnotes.touching(site, book.codes, book.area)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("kind", "scope", "text"), pl.String), orient="row").with_columns(
        pl.when(pl.col("scope") == "").then(pl.lit(t(N_("全部")))).otherwise(pl.col("scope")).alias("scope")
    )
    return Sheet(
        "notes",
        t(N_("说明")),
        t(N_("已知的限度和豁免")),
        t(N_("豁免：所依据的检查没有通过，经批准暂予放行。")),
        [
            Column("kind", t(N_("类别"))),
            Column("scope", t(N_("范围"))),
            Column("text", t(N_("说明")), most=120),
        ],
        frame,
    )


def _legend(site: Site, tables: Sequence[Sheet]) -> Sheet:
    """Every status word, and every reason for an empty cell that the book uses."""
    t = site.t
    rows = [(t(s.word), t(s.meaning)) for s in (*v.STATUSES.values(), v.NO_DATA)]
    known = {word for word, _ in rows}
    used = {
        part.rpartition(t(N_("：")))[2]
        for s in tables
        if WHY in s.frame.columns
        for words in s.frame[WHY].unique().to_list()
        for part in words.split(t(N_("；")))
    }
    rows += [(t(word), t(about)) for word, about in REASONS.values() if t(word) in used - known]
    return Sheet(
        "legend",
        t(N_("图例")),
        t(N_("判定用语和空格的原因")),
        t(N_("空格从不表示0。")),
        [Column("word", t(N_("用语")), most=60), Column("meaning", t(N_("含义")), most=90)],
        pl.DataFrame(rows, schema={"word": pl.String, "meaning": pl.String}, orient="row"),
    )

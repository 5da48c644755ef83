"""Builds deliveries with invented pupils, drops them into an inbox, lands them, and reads back what came of it."""

import contextlib
import csv
import datetime as dt
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from orchestration.config import Home
from orchestration.ingest import feedback, land
from orchestration.ingest.claim import delivered_name
from orchestration.ledger import Ledger

AS_OF = dt.date(2026, 11, 21)
SCHOOL, OTHER_SCHOOL = "2141000123", "2141000456"
AUTUMN, SPRING, YEAR = "2024-2025-1", "2024-2025-2", "2024-2025"
KEY = "5a" * 32
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

Row = Sequence[Any]
VISION_HEAD = [
    "年级编号", "班级编号", "班级名称", "学籍号", "民族代码", "姓名", "性别", "出生日期", "家庭住址", "右眼裸眼视力", "左眼裸眼视力",
    "右眼屈光球镜S", "右眼屈光柱镜C", "右眼屈光轴位A", "左眼屈光球镜S", "左眼屈光柱镜C", "左眼屈光轴位A", "是否为角膜塑形镜（OK镜）佩戴者", "检查日期",
]  # fmt: skip


def resident_number(i: int, birth: str = "20150312", area: str = "411302") -> str:
    """An 18-character number of nobody, with a check character that holds."""
    body = f"{area}{birth}{i % 1000:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def xjh(i: int) -> str:
    """学籍号 of an invented pupil."""
    return "G" + resident_number(i, f"2015{i // 28_000 % 12 + 1:02d}{i // 1000 % 28 + 1:02d}")


def name_of(i: int) -> str:
    """An invented name."""
    return "测" + "甲乙丙丁戊己庚辛壬癸"[i % 10] + "子丑寅卯辰巳午未申酉戌亥"[i // 10 % 12]


def vision_row(i: int, right: str = "4.9", left: str = "5.0", day: str = "2024-10-15", **cells: str) -> list[str]:
    """One pupil of the national vision sheet; `cells` replaces cells by header."""
    row = dict.fromkeys(VISION_HEAD, "")
    row |= {
        "年级编号": "13", "班级编号": "1", "班级名称": "1班", "学籍号": xjh(i), "民族代码": "01", "姓名": name_of(i), "性别": str(1 + i % 2),
        "出生日期": "2015-03-12", "家庭住址": "无名路一号", "右眼裸眼视力": right, "左眼裸眼视力": left, "检查日期": day,
    }  # fmt: skip
    return list((row | cells).values())


def vision(*rows: Row) -> list[Row]:
    """A national vision sheet."""
    return [VISION_HEAD, *rows]


def csv_bytes(rows: Sequence[Row], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as a CSV file, quoted where needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(
    sheets: Mapping[str, Sequence[Row]], merges: Sequence[tuple[int, int, int, int, str]] = (), **options: Any
) -> bytes:
    """Sheets as a workbook: text stays text, numbers are numbers, dates are dates, `=` begins a formula."""
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd", **options}
    with xlsxwriter.Workbook(out, settings) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell not in (None, ""):
                        sheet.write(r, c, cell)
            for top, left, bottom, right, text in merges:
                sheet.merge_range(top, left, bottom, right, text)
    return out.getvalue()


def xls_bytes(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    """Sheets as a workbook of Excel 97-2003."""
    import xlwt

    book = xlwt.Workbook()
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell not in (None, ""):
                    sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def new_home(root: Path, key: str = KEY) -> Home:
    """A home with a known pseudonym key, so that two homes give the same tokens."""
    home = Home(root).create()
    path = home.keys / "pseudonym.key"
    path.write_text(key + "\n")
    path.chmod(0o600)
    return home


def deliver(
    home: Home, path: str, content: bytes | Sequence[Row], *, sidecar: Mapping[str, Any] | bytes | None = None
) -> Path:
    """Writes one file (bytes, or rows as UTF-8 CSV) below the inbox, with its sidecar."""
    target = home.inbox / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else csv_bytes(content))
    if sidecar is not None:
        body = sidecar if isinstance(sidecar, bytes) else json.dumps(sidecar).encode()
        target.with_name(target.name + ".meta.json").write_bytes(body)
    return target


class _Inline:
    """Stands in for the pool of children where nothing hostile is read: same calls, this process, no start-up."""

    def schedule(self, work: Callable[..., Any], args: Sequence[Any], timeout: float) -> "_Later":
        del timeout
        return _Later(work, args)


@dataclass
class _Later:
    work: Callable[..., Any]
    args: Sequence[Any]

    def result(self) -> Any:
        return self.work(*self.args)


@contextlib.contextmanager
def inline_pool(workers: int = 1) -> Iterator[_Inline]:
    """In place of `reading_pool`."""
    del workers
    yield _Inline()


@contextlib.contextmanager
def reading_inline() -> Iterator[None]:
    """Files are read in this process as long as it lasts."""
    kept = land.reading_pool, feedback.reading_pool
    land.reading_pool = feedback.reading_pool = inline_pool  # type: ignore[assignment]
    try:
        yield
    finally:
        land.reading_pool, feedback.reading_pool = kept


def shown(path: str) -> str:
    """A delivered path as a table can hold it: bytes that are no UTF-8 written out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Outcome:
    """What lies in a home after a landing."""

    home: Home
    summary: land.LandSummary

    @property
    def names(self) -> dict[str, str]:
        """delivery_id → delivered path."""
        received = Ledger(self.home.ledger_path).events("received")
        archive = self.home.archive
        return {
            e.body["delivery_id"]: shown(delivered_name(archive, e.body["sha256"], e.body["delivery_id"]))
            for e in received
        }

    def _named(self, table: pl.DataFrame) -> pl.DataFrame:
        return table.with_columns(
            pl.col("delivery_id").replace_strict(self.names, default=None, return_dtype=pl.String).alias("path")
        )

    @property
    def parts(self) -> pl.DataFrame:
        """parts.parquet with the delivered path."""
        return self._named(pl.read_parquet(self.home.base / "_parts" / "parts.parquet"))

    @property
    def rejected(self) -> pl.DataFrame:
        """rejected.parquet with the delivered path."""
        return self._named(pl.read_parquet(self.home.base / "_rejected" / "rejected.parquet"))

    def part(self, path: str) -> dict[str, Any]:
        """The only part of a delivered file."""
        return self.parts.filter(pl.col("path") == shown(path)).row(0, named=True)

    def verdict(self, path: str) -> tuple[str, str | None, str]:
        """(state, rule of the refusal as a whole, its sentence) of the only part of a delivered file."""
        path = shown(path)
        parts = self.parts.filter(pl.col("path") == path)
        assert parts.height == 1, parts
        whole = self.rejected.filter((pl.col("path") == path) & pl.col("row_number").is_null())
        return parts["state"][0], whole["rule"][0] if whole.height else None, parts["reason"][0]

    def rules(self, path: str) -> dict[int, tuple[str, str]]:
        """Sheet row → (rule, column) of a file's rejected rows."""
        rows = self.rejected.filter((pl.col("path") == path) & pl.col("row_number").is_not_null())
        return {r["row_number"]: (r["rule"], r["column_name"]) for r in rows.iter_rows(named=True)}

    def base(self, feed: str, period: str | None = None) -> pl.DataFrame:
        """Accepted rows of a feed."""
        files = sorted((self.home.base / feed).glob(f"{period or '20*'}.parquet"))
        return pl.concat([pl.read_parquet(f) for f in files or [self.home.base / feed / "_schema.parquet"]])


def land_all(home: Home, *, inline: bool = True, as_of: dt.date = AS_OF, settle: float = 0) -> Outcome:
    """Lands the inbox; `inline` reads in this process, which is quick but confines nothing."""
    with reading_inline() if inline else contextlib.nullcontext():
        return Outcome(home, land.land(home, as_of=as_of, settle=settle))


def hashes(folder: Path, *, leave: Sequence[str] = ()) -> dict[str, str]:
    """Relative path → sha-256 of every file below a folder."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in leave
    }

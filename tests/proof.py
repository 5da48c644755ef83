"""Recounts a traced figure from the archived originals: openpyxl and csv read them, plain Python counts them, nothing is shared with ingest.

Only the rows the trace names are read. The reader is strict: a header or a cell it does not know makes the whole figure unreadable to it
(`Unreadable`), so that it never guesses; what it can read must come out right.
"""

from __future__ import annotations

import csv
import datetime as dt
import fnmatch
import gzip
import io
import re
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forms_naive
import openpyxl
from recount import GRADE, World, deliveries, lines_of

from orchestration.simulate.soil_file import EXTRA, FEED_NAMES, OTHER_NAMES

# What the simulator may call a column instead, and the columns it adds.
OFFICIAL = {name: head for head, others in OTHER_NAMES.items() for name in others}
OFFICIAL |= {name: head for (_, head), others in FEED_NAMES.items() for name in others}
EXTRAS = {column.heads[0] for column in EXTRA}
NOT_THERE = {"/", "-", "—", "无", "未测", "缺", "X"}
DECIMAL = dict(
    zip(["0.1", "0.12", "0.15", "0.2", "0.25", "0.3", "0.4", "0.5", "0.6", "0.8", "1.0", "1.2", "1.5", "2.0", "1", "2"],
        ["4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "5.0", "5.1", "5.2", "5.3", "5.0", "5.3"], strict=True)
)  # fmt: skip
DAYS = [
    (re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?"), 0),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), 0),
    (re.compile(r"(\d{2})-(\d{1,2})-(\d{1,2})"), 2000),
]


class Unreadable(Exception):
    """Something the strict reader does not know."""


def grids(data: bytes, name: str = "") -> Iterator[tuple[str, str, list[list[str]]]]:
    """Member, sheet and cells as text of an original."""
    if data[:2] == b"\x1f\x8b":
        yield from grids(gzip.decompress(data), name)
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" in archive.namelist():
                book = openpyxl.load_workbook(io.BytesIO(data))
                for sheet in book:
                    yield name, sheet.title, [[text(c) for c in row] for row in sheet.iter_rows(values_only=True)]
            else:
                for member in archive.infolist():
                    yield from grids(archive.read(member), member.filename)
    elif data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable("an old workbook")
    else:
        yield name, "", delimited(data)


def text(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)


def delimited(data: bytes) -> list[list[str]]:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            found = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        first = found.splitlines()[0]
        return list(csv.reader(io.StringIO(found), delimiter=max(",\t;|", key=first.count)))
    raise Unreadable("encoding")


class Reader:
    """Knows the headers and words of clean files of the same simulator, and nothing else."""

    def __init__(self, clean: Path) -> None:
        self.heads: set[str] = set()
        words: dict[str, set[str]] = defaultdict(set)
        for feed in sorted(p.name for p in (clean / "inbox").iterdir()):
            for _, _, _, lines in deliveries(clean, feed):
                for line in lines:
                    self.heads |= line.keys()
                    for head, cell in line.items():
                        words[head].add(cell)
        self.words = {
            h: w for h, w in words.items() if len(w) < 15 and not any(c.isdigit() for cell in w for c in cell)
        }
        self.words = {h: w for h, w in self.words.items() if not re.search("名|学校|备注|描述", h)}

    def lines(self, rows: list[list[str]]) -> dict[int, dict[str, str]]:
        """Data rows by the number Excel shows, under the first line that is wholly made of known heads."""
        width = max(map(len, rows))
        padded = [[*row, *[""] * (width - len(row))] for row in rows]
        for top in range(min(6, len(rows))):
            if not any(padded[top]):
                continue
            try:
                found = lines_of(padded[top:])
            except (StopIteration, IndexError):
                continue
            heads = {head: self.head(head) for head in found[0][1]} if found else {}
            known = [h for h in heads.values() if h]
            if known and len(known) == len(set(known)) and None not in heads.values():
                return {number + top: {heads[h] or h: cell for h, cell in line.items()} for number, line in found}
        raise Unreadable("header")

    def head(self, told: str) -> str | None:
        """The clean spelling of a head; empty for columns that belong to no form, None for what is not known."""
        if told in self.heads:
            return told
        plain = told.replace("\n", "").replace(" ", "")
        for like in (
            plain,
            plain.strip("*＊"),
            unicodedata.normalize("NFKC", plain),
            OFFICIAL.get(told.strip("*＊ "), ""),
        ):
            if like in self.heads:
                return like
        return "" if told in EXTRAS else None

    def cell(self, head: str, raw: str) -> str:
        """A cell as clean files have it."""
        told = unicodedata.normalize("NFKC", raw).strip().lstrip("'").strip()
        told = "" if told in NOT_THERE else told
        if not told:
            return ""
        if head in self.words:
            if told not in self.words[head]:
                raise Unreadable(head)
        elif re.search("学籍号|证件号|身份证号", head):
            if not re.fullmatch(r"[A-Z]?\d{17}[\dX]", told):
                raise Unreadable(head)
        elif "日期" in head or "期限" in head:
            return day(told)
        elif "裸眼" in head and told in DECIMAL:
            return DECIMAL[told]
        elif (
            (head == "年级编号" and told not in GRADE)
            or (head == "班级编号" and not told.isdigit())
            or (re.search("800|1000|×8|\\*8", head) and not re.fullmatch(r"\d+'\d\d\"", told))
            or (head == "身高" and float(told) < 3)
        ):
            raise Unreadable(head)
        return told.lstrip("0") if head == "班级编号" else told


def day(told: str) -> str:
    if told.isdigit() and len(told) == 5:
        return (dt.date(1899, 12, 30) + dt.timedelta(days=int(told))).isoformat()
    for pattern, century in DAYS:
        if found := pattern.fullmatch(told):
            year, month, number = map(int, found.groups())
            return dt.date(year + century, month, number).isoformat()
    raise Unreadable("date")


def recount(archive: Path, reader: Reader, traced: dict[str, Any], folder: Path) -> tuple[int | None, int] | None:
    """Numerator and denominator from exactly the rows a trace names.

    Raises:
        Unreadable: the strict reader does not know something in them.
    """
    wanted: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for one in traced["files"]:
        if "更正" in one["file_name"] and one["rows"]:
            raise Unreadable("a correction cell by cell")
        key = (one["file_name"], one["file_sha256"], one["member"], one["sheet"])
        wanted[key] |= {number for _, number in one["rows"]}
    for index, ((name, sha, member, sheet), numbers) in enumerate(sorted(wanted.items())):
        if numbers:
            write_clean(archive, reader, folder, (index, name, sha, member, sheet), numbers)
    figure = traced["figure"]
    key = tuple(figure[k] for k in ("indicator", "period", "level", "entity", "stage", "subgroup"))
    try:
        return count(folder, figure["indicator"], figure["period"][:9]).get(key)
    except (KeyError, ValueError, AssertionError, AttributeError, IndexError) as error:
        raise Unreadable(type(error).__name__) from error


def write_clean(
    archive: Path, reader: Reader, folder: Path, place: tuple[int, str, str, str, str], numbers: set[int]
) -> None:
    """The named rows of one sheet, as the naive count wants them: clean CSV below feed, sender and period."""
    index, name, sha, member, sheet = place
    data = (archive / sha[:2] / sha).read_bytes()
    like = [g for g in grids(data) if matches(g[0], member) and (not sheet or matches(g[1], sheet))]
    if len(like) != 1:
        raise Unreadable("which sheet")
    lines = reader.lines(like[0][2])
    assert numbers <= lines.keys(), f"{name}: rows {sorted(numbers - lines.keys())} are not in the sheet"
    feed, sender, period, *_, last = name.split("/")
    # The name tells date and round; the index keeps sheets apart and in their order.
    stem = f"{last.split('.')[0]}_{index:03}.csv"
    target = folder / "inbox" / feed / sender / period / stem
    target.parent.mkdir(parents=True, exist_ok=True)
    heads = [head for head in lines[min(numbers)] if head]
    chosen = [[reader.cell(head, lines[n][head]) for head in heads] for n in sorted(numbers)]
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([heads, *chosen])


def matches(name: str, masked: str) -> bool:
    return fnmatch.fnmatchcase(name, masked.replace("[", "[[]").replace("＊", "*"))


class Traced(World):
    """The naive count over rows all of which belong to somebody."""

    def pupil_of(self, period: str, school: str, line: dict[str, str]) -> str | None:
        found = super().pupil_of(period, school, line)
        if found is None:
            raise ValueError("a pupil whom the traced rows of the roster do not name")
        return found


def count(folder: Path, indicator: str, year: str) -> dict[tuple[str, ...], tuple[int | None, int]]:
    world = Traced(folder)
    world.rosters[f"{year}-1"]  # the naive count goes by the years of the rosters
    if indicator in ("exam_coverage", "fitness_coverage", "health_file"):
        world.count_year(world.count_vision())
    elif indicator.startswith("exam_"):
        world.count_exams()
    elif indicator.startswith("fitness_"):
        world.count_fitness()
    elif indicator.startswith("films"):
        world.count_films()
    elif indicator.startswith(("inspection", "canteens", "kitchen")):
        world.count_canteens()
    elif indicator.startswith(("poor_vision", "screening_myopia", "vision")):
        world.count_vision()
    else:
        return forms_naive.count_forms(world.schools, lambda feed: deliveries(folder, feed))
    return world.figures

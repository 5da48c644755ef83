"""Excel books and csv files of the world, read back: every number, every empty cell, hostile text, paper, determinism."""

from __future__ import annotations

import csv
import io
import json
import math
import posixpath
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import openpyxl
import polars as pl
import pytest
import python_calamine
import world
from test_site_browser import INDICATORS, expected
from trees import Tags

from reports.books import county
from reports.books.models import Book, Column, Sheet
from reports.books.shelf import Shelf
from reports.books.workbook import HEAD_ROW, to_xlsx, with_reasons
from reports.i18n import load_language
from reports.models import CoverageRow
from reports.pages.pledges import Pledges
from reports.site import Site
from reports.tables import read_controlled
from reports.write import Writer

WHY, FIGURE, VALUE, JUDGED = "空格的原因", "图号", "数值", "判定"
BOOKS = {"internal": "first", "public": "public"}
# reading is slow: the county that has everything, the one with a formula for a name, one domain of each kind
READ = {"internal": ("411302", "411321", "411381", "food", "commitments"), "public": ("411302", "vision")}
Cell = Any


class Read:
    """A workbook with its tables as rows of cells by head."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = openpyxl.load_workbook(path)
        self.tables: dict[str, list[dict[str, Cell]]] = {}
        for sheet in self.file.worksheets[1:]:
            rows = list(sheet.iter_rows(min_row=HEAD_ROW + 1))
            head = [c.value for c in rows[0]]
            self.tables[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows[1:]]

    @property
    def rows(self) -> list[dict[str, Cell]]:
        """Rows of all tables."""
        return [row for table in self.tables.values() for row in table]


@pytest.fixture(scope="module")
def books(sites) -> dict[str, list[Read]]:
    return {
        edition: [
            Read(p)
            for p in sorted(getattr(sites, name).rglob("*.xlsx"))
            if "en" not in p.parts and p.name.split("-")[0] in READ[edition]
        ]
        for edition, name in BOOKS.items()
    }


@pytest.fixture(scope="module")
def figures(sites) -> dict[str, dict[str, dict[str, Any]]]:
    catalogue = pl.read_parquet(sites.controlled / "indicators.parquet")
    filled = catalogue.with_columns(pl.col("numerator_scale", "per").fill_null(1))
    INDICATORS.update({r["code"]: r for r in filled.iter_rows(named=True)})
    return {
        edition: {r["figure_id"]: r for r in pl.read_parquet(folder / "indicator_values.parquet").iter_rows(named=True)}
        for edition, folder in (("internal", sites.controlled), ("public", sites.controlled_public))
    }


def printed(cell: Cell) -> str:
    """What Excel shows of a number, by its own format."""
    digits = len(re.search(r"\.?(0*)%?$", cell.number_format)[1]) if "." in cell.number_format else 0  # type: ignore[index]
    number = Decimal(str(cell.value)) * (100 if cell.number_format.endswith("%") else 1)
    return f"{number:,.{digits}f}" + ("%" if cell.number_format.endswith("%") else "")


@pytest.mark.parametrize("edition", BOOKS)
def test_every_number_is_the_table_s(books, figures, edition) -> None:
    seen = changes = 0
    for book in books[edition]:
        for row in book.rows:
            if not {FIGURE, "分子", "单位"} <= row.keys():
                continue
            source = figures[edition][row[FIGURE].value]
            want = expected(source)
            cell = row[VALUE]
            if cell.value is None:
                assert source["value"] is None, row[FIGURE].value
                continue
            assert cell.data_type == "n"
            unit = INDICATORS[source["indicator"]]["unit_zh"] if source["unit"] not in ("share", "ratio") else ""
            shown = printed(cell)
            if shown != want.removesuffix(unit):  # two decimals more, where the judgement would be contradicted
                finer = len(shown.removesuffix("%").partition(".")[2])
                share = 0.01 if shown.endswith("%") else 1.0
                assert abs(cell.value - source["value"]) < share * 10.0**-finer, row[FIGURE].value
                assert finer >= 2
            for name, key in (("分子", "numerator"), ("分母", "denominator")):
                scale = INDICATORS[source["indicator"]]["numerator_scale"] if key == "numerator" else 1
                if row[name].value is not None:
                    assert row[name].value == pytest.approx(source[key] / scale, abs=0.006), row[FIGURE].value
            share = source["unit"] == "share"
            near = 0.051 if share else 0.51 if source["unit"] in ("yuan", "level") else 0.0051
            if row["距目标（个百分点或所列单位）"].value is not None:
                distance = (source["value"] - source["target"]) * (100 if share else 1)
                assert abs(row["距目标（个百分点或所列单位）"].value - distance) <= near, row[FIGURE].value
            for name, key in (("95%置信区间下限", "lower_95"), ("95%置信区间上限", "upper_95")):
                if row[name].value is not None:
                    assert abs(row[name].value - source[key]) <= 0.00051, row[FIGURE].value
            moved = row["比上年同期（个百分点或所列单位）"].value
            if moved is not None:
                year = int(source["period"][:4])
                earlier = source["figure_id"].replace(source["period"][:9], f"{year - 1}-{year}")
                change = (source["value"] - figures[edition][earlier]["value"]) * (100 if share else 1)
                assert abs(moved - change) <= near, row[FIGURE].value
                changes += 1
            seen += 1
    assert seen > 1000
    assert changes > 50


@pytest.mark.parametrize("edition", BOOKS)
def test_every_empty_cell_has_its_reason(books, edition) -> None:
    empty = 0
    for book in books[edition]:
        known = {r["用语"].value for r in book.tables["图例"]}
        for name, table in book.tables.items():
            for row in table:
                assert any(c.value is not None for c in row.values()), (book.path, name)
                heads = list(row)
                for n, head in enumerate(heads[:-1] if heads[-1] == WHY else heads):
                    if row[head].value is not None or head == WHY:
                        continue
                    empty += 1
                    beside = row[heads[n + 1]].value if heads[n + 1].endswith("判定") else None
                    why = beside or (row[WHY].value if WHY in row else None)
                    assert why, (book.path.name, name, head)
                    assert all(part.rpartition("：")[2].partition("（")[0] in known for part in why.split("；")), why
                    told = {n: p.rpartition("：")[2] for p in why.split("；") for n in p.partition("：")[0].split("、")}
                    assert beside or told[head.partition("（")[0]], (book.path.name, name, head, why)
    assert empty > 100


def test_what_is_hidden_is_hidden_in_every_sheet_and_csv(books, figures, sites) -> None:
    for edition, name in BOOKS.items():
        hidden = {f for f, r in figures[edition].items() if r["status"] == "suppressed"}
        found = 0
        for book in books[edition]:
            for row in book.rows:
                if FIGURE in row and row[FIGURE].value in hidden and "分子" in row:
                    found += 1
                    for head in (VALUE, "分子", "分母", "95%置信区间下限", "比上年同期（个百分点或所列单位）"):
                        assert row[head].value is None, row[FIGURE].value
                    assert row[JUDGED].value == "已隐去"
        for path in (getattr(sites, name) / "downloads").glob("*.csv"):
            for row in read_csv(path):
                if row["图号"] in hidden:
                    found += 1
                    assert not any(
                        row[h] for h in ("数值", "分子", "分母", "95%置信区间下限", "95%置信区间上限", "界限")
                    )
                    assert row["判定"] == "已隐去"
        assert found or edition == "public"  # outside, schools have no figure ids, and areas are large


def test_schools_stand_with_value_and_judgement(books, figures) -> None:
    """A cell of a school is the figure of its page; the public edition has the judgement alone and no way to sort."""
    inner = next(b for b in books["internal"] if "411302" in b.path.name).tables["各校·视力健康"]
    outer = next(b for b in books["public"] if "411302" in b.path.name)
    seen = 0
    for row in inner:
        ids = [
            f"poor_vision.2024-2025-2.school.{row['代码'].value}.{s}.all"
            for s in ("compulsory", "primary", "junior", "senior")
        ]
        source = next((figures["internal"][i] for i in ids if i in figures["internal"]), None)
        value, judged = row["视力不良（%）"], row["视力不良·判定"].value
        if source is None:
            assert (value.value, judged) == (None, "暂无数据")
        elif source["status"] == "suppressed":
            assert (value.value, judged) == (None, "已隐去")
        elif source["value"] is not None:
            seen += 1
            assert printed(value) == expected(source)
    assert seen > 10
    sheet = outer.file["各校·视力健康"]
    assert not [h for h in outer.tables[sheet.title][0] if "（%）" in h]
    assert next(iter(sheet.tables.values())).autoFilter is None
    assert not {"先去哪些学校", "各校资源评估", "名单与缺口", "最少增配"} & outer.tables.keys()


def test_what_no_school_owes_has_no_number_of_schools(sites) -> None:
    """Counties' own tables are expected of no school: an empty cell with its reason, never a nought."""
    rows = [
        CoverageRow("县级义务教育年报", "2024—2025学年", [], 1, 0, 40, 0, 0),
        CoverageRow("健康体检", "2024—2025学年", [], 0, 25, 0, 0, 0),
    ]
    words = load_language("zh-CN")
    site = Site(
        read_controlled(sites.controlled, words.gettext), words, edition="internal", release=None, watermark=True
    )
    sheet = with_reasons(site, county.received(site, site.counties[0], rows))
    told = sheet.frame.select("received", "expected", "why").rows()
    assert told == [(None, None, "已报学校、应报学校：不按校报送"), (0, 25, "")]


def test_paper_and_form_of_every_sheet(books) -> None:
    for book in (b for read in books.values() for b in read):
        names = [t for s in book.file.worksheets for t in s.tables]
        assert len(names) == len(set(names))
        for n, sheet in enumerate(book.file.worksheets):
            assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.page_setup.fitToHeight == 0
            assert sheet.print_area
            assert not sheet.merged_cells.ranges
            assert "&P" in sheet.oddFooter.right.text
            assert sheet.oddHeader.right.text.endswith(("内部资料", "公开"))
            assert len(sheet.title) <= 31
            if n:
                assert len(sheet.tables) == 1
                assert sheet.print_title_rows == f"${HEAD_ROW + 1}:${HEAD_ROW + 1}"
                assert sheet.freeze_panes is not None
        assert book.file.worksheets[0]["A1"].value == book.file.properties.title
        listed = [r["表"].value for r in book.tables["目录"]]
        assert listed == [s.title for s in book.file.worksheets[2:]]
        assert "2024-2025/r1" in [c.value for c in book.file.worksheets[0]["B"]]


def test_hostile_names_stay_text(books, sites) -> None:
    names = {world.HOSTILE, "=1+1 㐂𠮷寨小学"}
    met = {
        c.value
        for b in books["internal"]
        for r in b.rows
        for c in r.values()
        if c.value in names and c.data_type == "s"
    }
    assert met == names
    for book in (b for read in books.values() for b in read):
        with zipfile.ZipFile(book.path) as parts:
            for part in parts.namelist():
                assert b"<f>" not in parts.read(part), (book.path, part)
    lines = [row for path in (sites.first / "downloads").glob("*.csv") for row in read_csv(path)]
    assert {r["地区或学校"] for r in lines if r["地区或学校"][0] in "'=<"} == {"'=1+1 㐂𠮷寨小学", world.HOSTILE}


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("edition", BOOKS)
def test_csv_and_its_description(sites, figures, edition) -> None:
    folder = getattr(sites, BOOKS[edition]) / "downloads"
    seen: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        raw = path.read_bytes()
        assert raw.startswith("\ufeff图号".encode())
        assert raw.count(b"\n") == raw.count(b"\r\n")
        described = json.loads(path.with_name(path.name + "-metadata.json").read_text())
        columns = described["tableSchema"]["columns"]
        assert described["url"] == path.name
        assert described["dc:rights"]["zh"].startswith("公开版" if edition == "public" else "内部资料")
        rows = read_csv(path)
        assert list(rows[0]) == [c["titles"] for c in columns]
        assert all(c["dc:title"]["zh"] == c["titles"] and c["dc:title"]["en"].isascii() for c in columns)
        assert described["dc:extent"] == str(len(rows))
        for row in rows:
            source = figures[edition][row["图号"]]
            seen.add(row["图号"])
            if edition == "public":
                assert row["级别"] != "school"
            if row["数值"]:
                whole = source["unit"] in ("yuan", "level")  # printed without decimals
                near = 0.0 if edition == "internal" else 0.5 if whole else 0.0051
                assert abs(float(row["数值"]) - source["value"]) <= near, row
            elif source["value"] is not None:
                raise AssertionError(row)
            assert row["判定代码"] == source["status"]
            for column in columns:
                cell = row[column["titles"]]
                assert cell or not column["required"], (path, column["name"])
                if cell and column["datatype"] == "number":
                    assert math.isfinite(float(cell))
                    assert column["name"] not in ("n", "d") or not cell.endswith(".0"), row
    everyone = {
        f for f, r in figures[edition].items() if r["subgroup"] == "all" and r["period"].startswith("2024-2025")
    }
    assert {f for f in everyone if edition == "internal" or ".school." not in f} <= seen


def test_the_page_of_downloads_lists_every_file(sites) -> None:
    for folder in (sites.first, sites.first / "en", sites.public):
        page = Tags((folder / "downloads.html").read_text())
        files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix in (".xlsx", ".csv", ".json")}
        files = {path for path in files if not path.startswith("en/")}
        linked = {x for x in page.links if x.rpartition(".")[2] in ("xlsx", "csv", "json")}
        assert linked == files - {"changes.csv"}
        county = Tags((folder / "county/411302/index.html").read_text())
        assert any(x.endswith("county/411302/411302-2024-2025-r1.xlsx") for x in county.links)
    empty = (sites.preview / "downloads.html").read_text()
    assert "junheng preview --books" in empty
    assert not list(sites.preview.rglob("*.xlsx"))


def test_two_builds_are_byte_equal(sites, tmp_path) -> None:
    release = {"release": "r1", "data_version": "9f86d081884c7d65", "note": "更正宛城区视力数据"}
    site = Site(
        read_controlled(sites.controlled, load_language("zh-CN").gettext),
        load_language("zh-CN"),
        edition="internal",
        release=release,
        watermark=False,
        books=True,
    )
    writer = Writer(tmp_path / "again")
    shelf = Shelf(site, Pledges(site), writer)
    area = next(c for c in site.counties if c.code == "411321")
    shelf.county(area, site.by_county[area.code], site.book.worded(site.book.school_values[area.code]))
    shelf.domain(site.domains[0])
    made = [p for p in writer.out.rglob("*") if p.suffix in (".xlsx", ".csv", ".json")]
    assert len(made) == 6
    for path in made:
        assert path.read_bytes() == (sites.first / path.relative_to(writer.out)).read_bytes(), path


def test_tabs_have_names_that_excel_takes(sites) -> None:
    site = Site(
        read_controlled(sites.controlled_public, load_language("zh-CN").gettext),
        load_language("zh-CN"),
        edition="public",
        release=None,
        watermark=True,
    )
    frame = pl.DataFrame({"x": ["+86", "@cmd", "-2+3", "=1+1"]})
    names = ["a[1]:*?/\\" + "很" * 40, "a[1]:*?/\\" + "很" * 40, "History", "封面", "'x'"]
    sheets = [
        Sheet(f"s{n}", name, "t", "n", [Column("x", "Same"), Column("x", "same")], frame)
        for n, name in enumerate(names)
    ]
    content, count, rows = to_xlsx(site, Book("b.xlsx", "=册", "内容", sheets, []))
    read = openpyxl.load_workbook(io.BytesIO(content))
    assert count == len(read.sheetnames) == 2 + len(names) + 2
    assert rows == 4 * len(names)
    assert [c.value for c in read.worksheets[2][HEAD_ROW + 1]] == ["Same", "same 2"]
    assert len({n.casefold() for n in read.sheetnames}) == count
    assert not [
        n for n in read.sheetnames if re.search(r"[\[\]:*?/\\']", n) or len(n) > 31 or n.casefold() == "history"
    ]
    assert [c.value for c in read.worksheets[2]["A"][HEAD_ROW + 1 :]] == frame["x"].to_list()
    assert {c.data_type for c in read.worksheets[2]["A"]} == {"s"}


def test_a_second_reader_finds_the_same(books) -> None:
    """What the one library wrote and another reads, a third reads as well: cells, tables, names; WPS refuses what dangles."""
    seen = 0
    for book in (*books["internal"][1:3], books["public"][0]):
        reader = fastexcel.read_excel(book.path)
        assert reader.sheet_names == book.file.sheetnames
        tables = {name: sheet for sheet in book.file.worksheets for name in sheet.tables}
        assert set(reader.table_names()) == set(tables) and len(tables) == len(reader.sheet_names) - 1
        other = python_calamine.CalamineWorkbook.from_path(book.path)
        for sheet in book.file.worksheets:
            rows = other.get_sheet_by_name(sheet.title).to_python(skip_empty_area=False)
            own = [["" if c is None else c for c in row] for row in sheet.iter_rows(values_only=True)]
            assert rows == own[: len(rows)] and not [c for row in own[len(rows) :] for c in row if c != ""], sheet.title
            seen += sum(c != "" for row in rows for c in row)
        for name, sheet in tables.items():
            first, last = sheet.tables[name].ref.split(":")
            frame = reader.load_table(name).to_polars()
            assert frame.columns == [c.value for c in sheet[first : f"{last.rstrip('0123456789')}{HEAD_ROW + 1}"][0]]
            assert frame.height == sheet.max_row - HEAD_ROW - 1
        areas = [n.formula for n in reader.defined_names() if n.name == "_xlnm.Print_Area"]
        told = {area.rpartition("!")[0].strip("'").replace("''", "'"): area.rpartition("!")[2] for area in areas}
        assert told == {s.title: s.print_area.rpartition("!")[2] for s in book.file.worksheets}
        _nothing_dangles(book.path)
    assert seen > 5_000


def _nothing_dangles(path: Path) -> None:
    """Every part of the package that another names is there, and has a type."""
    with zipfile.ZipFile(path) as package:
        parts = set(package.namelist())
        types = package.read("[Content_Types].xml").decode()
        typed = {x.lstrip("/") for x in re.findall(r'PartName="([^"]+)"', types)}
        assert typed <= parts and {p for p in parts if p.startswith("xl/") and p.endswith(".xml")} <= typed
        for rels in (p for p in parts if p.endswith(".rels")):
            base = posixpath.dirname(posixpath.dirname(rels))
            for relation in re.findall(r"<Relationship [^>]+>", package.read(rels).decode()):
                if 'TargetMode="External"' not in relation:
                    target = re.search(r'Target="([^"]+)"', relation)[1]  # type: ignore[index]
                    assert posixpath.normpath(posixpath.join(base, target)).lstrip("/") in parts, (rels, target)
                else:
                    raise AssertionError(f"{rels} leads out of the file")


def test_opens_in_libreoffice(sites, tmp_path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-calc-nogui)")
    book = sites.first / "county/411381/411381-2024-2025-r1.xlsx"
    shape = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [program, "--headless", profile, "--convert-to", shape, "--outdir", str(tmp_path), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    names = openpyxl.load_workbook(book, read_only=True).sheetnames
    made = {p.stem.removeprefix(f"{book.stem}-"): p for p in tmp_path.glob("*.csv")}
    assert len(made) == len(names)
    lines = made["各校·食品安全"].read_text().splitlines()
    assert any(line.startswith("=1+1 㐂𠮷寨小学,") for line in lines)
    vision = list(csv.reader(made["各校·视力健康"].read_text().splitlines()))
    assert any(re.fullmatch(r"\d+\.\d%", cell) for row in vision for cell in row)
    assert not [p for p in made.values() if "#REF" in p.read_text() or "Err:" in p.read_text()]

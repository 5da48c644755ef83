"""Workbooks become text: every cell, its place, formulas, merged ranges, and what Excel did to long numbers."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from deliveries import resident_number, xls_bytes, xlsx_bytes

from orchestration.ingest.grids import Grid, Unreadable
from orchestration.ingest.workbooks import column_index, read_xls, read_xlsx


def only(data: bytes) -> Grid:
    (grid,) = read_xlsx(data, "")
    return grid


def altered(data: bytes, **changes: tuple[str, str]) -> bytes:
    """A workbook with text replaced in the parts whose path ends in the key (`__` for `/`, `_` for `.`)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            for end, (before, after) in changes.items():
                if info.filename.endswith(end.replace("_", ".")):
                    body = body.replace(before.encode(), after.encode())
            new.writestr(info.filename, body)
    return out.getvalue()


@pytest.mark.parametrize(("letters", "index"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_column_letters(letters: str, index: int) -> None:
    assert column_index(letters) == column_index(letters.encode()) == index


def test_every_cell_is_text() -> None:
    cells: list[Any] = [
        "4.9",
        4.9,
        5,
        5.0,
        0.1 + 0.2,
        dt.date(2024, 10, 15),
        dt.datetime(2024, 10, 15, 8, 30),
        True,
        "00123",
        "　全角　",
        41883,
    ]
    row = only(xlsx_bytes({"Sheet1": [["头"], cells]})).frame.row(1)
    assert row[:4] == ("4.9", "4.9", "5", "5")
    assert row[4] in ("0.3", "0.30000000000000004")
    assert row[5] is not None
    assert row[5].startswith("2024-10-15")
    assert row[6] is not None
    assert row[6].startswith("2024-10-15")
    assert row[8:] == ("00123", "　全角　", "41883")


def test_text_that_first_appears_in_row_1500() -> None:
    body = [[str(i), 4.9] for i in range(1_498)] + [["x", "未测"], ["y", 5.0]]
    frame = only(xlsx_bytes({"Sheet1": [["学籍号", "视力"], *body]})).frame
    assert frame.height == 1_501
    assert frame.row(1_499) == ("x", "未测")
    assert frame.row(1_500) == ("y", "5")


def test_rows_are_counted_as_excel_shows_them() -> None:
    rows: list[list[Any]] = [[], [], [None, None, "表头", "二"], [], [None, None, "1", "2"]]
    grid = only(xlsx_bytes({"Sheet1": rows}))
    assert grid.first_row == 3
    assert grid.frame.rows() == [("表头", "二"), (None, None), ("1", "2")]


def test_formulas_are_found_at_their_place() -> None:
    grid = only(xlsx_bytes({"Sheet1": [[], [None, "学籍号", "视力"], [None, "1", "=1+4"], [None, "=B3", 4.9]]}))
    assert sorted(grid.formulas) == [(1, 1), (2, 0)]


def test_formulas_of_old_workbooks_are_found_at_their_place() -> None:
    import xlwt

    book = xlwt.Workbook()
    for title, cells in {"空": [], "甲": [(3, 2), (5, 1)], "乙": [(4, 4)]}.items():
        sheet = book.add_sheet(title)
        if cells:
            sheet.write(2, 1, "学籍号")
            sheet.write(6, 5, "=不是公式")
        for row, column in cells:
            sheet.write(row, column, xlwt.Formula("1+1"))
    out = io.BytesIO()
    book.save(out)
    found = {grid.sheet: (grid.first_row, sorted(grid.formulas)) for grid in read_xls(out.getvalue(), "old.xls")}
    assert found["甲"] == (3, [(1, 1), (3, 0)])
    assert found["乙"] == (3, [(2, 3)])
    assert found["空"][1] == []


def test_formulas_are_found_however_the_writer_orders_attributes() -> None:
    data = xlsx_bytes({"Sheet1": [["学籍号", "视力"], ["1", "=1+4"]]})
    assert only(altered(data, sheet1_xml=('<c r="B2"', '<c s="0" r="B2"'))).formulas == [(1, 1)]
    with pytest.raises(Unreadable) as refusal:
        read_xlsx(altered(data, sheet1_xml=('<c r="B2"', "<c")), "")
    assert refusal.value.rule == "formula_cell"


def test_merged_ranges_are_told_in_frame_coordinates() -> None:
    grid = only(xlsx_bytes({"Sheet1": [[], [None, None, None], [None, "甲", "乙"]]}, merges=[(1, 1, 1, 2, "上")]))
    assert grid.merges == [(0, 0, 0, 1)]
    assert grid.frame.rows()[0][0] == "上"


def test_hidden_sheets_are_not_read() -> None:
    data = xlsx_bytes({"看得见": [["a"]], "隐藏": [["b"]]})
    hidden = altered(data, workbook_xml=('name="隐藏"', 'name="隐藏" state="hidden"'))
    assert [g.sheet for g in read_xlsx(hidden, "")] == ["看得见"]


@pytest.mark.parametrize("numeric", [411302201503120017, 4.11302201503120017e17, 13e15])
def test_long_numbers_show_that_excel_damaged_them(numeric: float) -> None:
    (cell,) = only(xlsx_bytes({"Sheet1": [["学籍号"], [numeric]]})).frame.row(1)
    assert cell is not None
    assert "E+" in cell
    assert only(xlsx_bytes({"Sheet1": [["学籍号"], [resident_number(1)]]})).frame.row(1) == (resident_number(1),)


@pytest.mark.parametrize(
    "written", ["4.1130220150312e17", "4.1130220150312E17", "411302201503120E3", "4.1130220150312e+017"]
)
def test_long_numbers_are_seen_however_a_program_writes_them(written: str) -> None:
    plain = xlsx_bytes({"Sheet1": [["学籍号"], [12345]]})
    (cell,) = only(altered(plain, sheet1_xml=("<v>12345</v>", f"<v>{written}</v>"))).frame.row(1)
    assert cell is not None
    assert ("E+" in cell) == (written != "411302201503120E3")


def test_empty_sheets_and_books() -> None:
    assert only(xlsx_bytes({"Sheet1": []})).frame.height == 0
    assert len(read_xlsx(xlsx_bytes({"a": [["x"]], "b": []}), "")) == 2


def test_billion_laughs_and_external_entities_are_refused() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    bomb = altered(xlsx_bytes({"Sheet1": [["a"]]}), sheet1_xml=("<worksheet", doctype + "<worksheet"))
    with pytest.raises(Unreadable) as refusal:
        read_xlsx(bomb, "")
    assert refusal.value.rule == "malformed_workbook"
    for part in ("sharedStrings_xml", "workbook_xml"):
        root = "<sst" if part.startswith("shared") else "<workbook"
        try:
            grids = read_xlsx(altered(xlsx_bytes({"Sheet1": [["a"]]}), **{part: (root, doctype + root)}), "")
        except Unreadable as error:
            assert error.rule == "malformed_workbook"
        else:
            assert all("haha" not in str(g.frame.rows()) for g in grids)


def test_xls_is_read_the_same_way() -> None:
    rows: list[list[Any]] = [
        ["学籍号", "视力", "日期"],
        [resident_number(1), 4.9, 41883],
        ["x", 5.0, "未测"],
        [411302201503120017, 5, ""],
    ]
    (grid,) = read_xls(xls_bytes({"表": rows}), "")
    assert grid.frame.rows()[1:3] == [(resident_number(1), "4.9", "41883"), ("x", "5", "未测")]
    assert grid.frame.row(3)[0] == "4.11302E+17"


@pytest.mark.parametrize(("mark", "rule"), [("EncryptedPackage", "encrypted"), ("_VBA_PROJECT", "macro")])
def test_ole_files_that_are_refused(mark: str, rule: str) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + mark.encode("utf-16-le") + bytes(600)
    with pytest.raises(Unreadable) as refusal:
        read_xls(data, "")
    assert refusal.value.rule == rule


@pytest.mark.parametrize("cut", [9, 200, 600, -100])
def test_damaged_workbooks(cut: int) -> None:
    for read, data in ((read_xlsx, xlsx_bytes({"Sheet1": [["a"]]})), (read_xls, xls_bytes({"Sheet1": [["a"]]}))):
        try:
            read(data[:cut], "")
        except Unreadable as error:
            assert error.rule in ("malformed_workbook", "truncated")

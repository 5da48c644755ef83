"""xlsx and xls → text grids. Every cell is read as text; what Excel did to it (formula, long number) is found beside it."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
from typing import Any

import fastexcel
import polars as pl
import python_calamine

from orchestration.ingest.biff import formula_cells
from orchestration.ingest.grids import Grid, Unreadable
from orchestration.ingest.limits import LIMITS

_CELL = rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"'
_FIRST = re.compile(_CELL + rb"[^>]*>\s*<(?:\w+:)?(?:v|is|f)\b")
_FORMULA = re.compile(_CELL + rb"[^>]*>\s*<(?:\w+:)?f[\s>/]")
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
_LONG = re.compile(_CELL + rb'((?:\s+[a-z]+="[^"]*")*)\s*>\s*<(?:\w+:)?v>(\d{16,}|[\d.]+[Ee]\+?0*(?:1[5-9]|2\d))</')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_ATTR = re.compile(r'([\w:]+)="([^"]*)"')


# Every digit as 0 and an exponent as E+, so that a long number, and a digit before an exponent, are plain substrings.
_DIGITS = bytes.maketrans(
    bytes(range(256)),
    bytes(48 if chr(b).isdecimal() else 69 if b in b"Ee" else 43 if b == 43 else 32 for b in range(256)),
)


def _has_formula(xml: bytes) -> bool:
    return any(mark in xml for mark in (b"<f>", b"<f ", b"<f/", b":f>", b":f "))


def _has_long_number(xml: bytes) -> bool:
    digits = xml.translate(_DIGITS)
    return any(mark in digits for mark in (b"0" * 16, b"0E0", b"0E+0"))


def column_index(letters: bytes | str) -> int:
    """0-based index of a column's letters."""
    text = letters.decode() if isinstance(letters, bytes) else letters
    index = 0
    for letter in text:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _damaged() -> Unreadable:
    return Unreadable(
        "malformed_workbook",
        "工作簿已损坏或没有传完整，请用 Excel 打开、另存后重新报送。",
        "The workbook is damaged or incomplete.",
    )


def _unplaced_formulas() -> Unreadable:
    return Unreadable(
        "formula_cell",
        "工作表含有公式，但无法确定在哪些单元格，请全选、复制、选择性粘贴为数值后再报送。",
        "The sheet holds formulas that cannot be located.",
    )


def _panicked(error: BaseException) -> BaseException:
    """A panic of the Rust reader is no Exception and would pass every handler; it says that the file is damaged."""
    return _damaged() if type(error).__name__ == "PanicException" else error


def check_archive(archive: zipfile.ZipFile, compressed: int) -> None:
    """Refuses a zip whose directory promises more than the limits.

    Raises:
        Unreadable: too many members, too large, or too high a ratio.
    """
    infos = archive.infolist()
    expanded = sum(i.file_size for i in infos)
    if len(infos) > LIMITS.members:
        raise Unreadable(
            "too_large", f"压缩包内有 {len(infos)} 个文件，超过上限 {LIMITS.members}。", "Too many members."
        )
    if expanded > LIMITS.expanded_bytes or (
        expanded > LIMITS.ratio_from and expanded > LIMITS.ratio * max(compressed, 1)
    ):
        raise Unreadable(
            "zip_bomb",
            f"文件解压后有 {expanded // 2**20} MB，远超正常表格，未予读取。请确认文件来源。",
            "The archive expands far beyond a normal table.",
        )


def _sheets(archive: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """(name, visible, path of its XML) of every sheet, in order."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship\s[^>]*>", rels):
        attrs = dict(_ATTR.findall(tag))
        target = attrs.get("Target", "")
        targets[attrs.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = []
    for tag in _SHEET.findall(book):
        attrs = dict(_ATTR.findall(tag))
        rid = next((v for k, v in attrs.items() if k.endswith(":id")), "")
        found.append((attrs.get("name", ""), attrs.get("state", "visible") == "visible", targets.get(rid, "")))
    return found


def read_xlsx(
    data: bytes, member: str, hidden: list[str] | None = None, archive: zipfile.ZipFile | None = None
) -> list[Grid]:
    """All visible sheets of a workbook as text grids; names of the others are added to `hidden`; `archive` is `data`, opened already.

    Raises:
        Unreadable: macros, encryption, damage, or a size beyond the limits.
    """
    try:
        archive = archive or zipfile.ZipFile(io.BytesIO(data))
        check_archive(archive, len(data))
        names = set(archive.namelist())
        if any(n.lower().endswith("vbaproject.bin") for n in names):
            raise Unreadable(
                "macro", "工作簿含有宏，出于安全不予读取，请另存为不含宏的 .xlsx 后报送。", "The workbook holds macros."
            )
        sheets = _sheets(archive)
        reader = fastexcel.read_excel(data)
        grids = []
        for index, (name, visible, path) in enumerate(sheets):
            if path not in names or "worksheets/" not in path:
                continue  # charts and the like
            if not visible:
                if hidden is not None:
                    hidden.append(name)
                continue
            xml = archive.read(path)
            if b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml[:4096]:
                raise Unreadable(
                    "malformed_workbook", "工作簿内含有不允许的 XML 声明，请另存后重新报送。", "DTD in the workbook."
                )
            frame = reader.load_sheet(index, header_row=None, dtypes="string").to_polars()
            grids.append(_xlsx_grid(member, name, frame, xml))
        return grids
    except Unreadable:
        raise
    except (zipfile.BadZipFile, KeyError, fastexcel.FastExcelError, OSError, RuntimeError, ValueError):
        raise _damaged() from None
    except BaseException as error:
        raise _panicked(error) from None


def _xlsx_grid(member: str, sheet: str, frame: pl.DataFrame, xml: bytes) -> Grid:
    frame.columns = [f"c{i}" for i in range(frame.width)]
    if frame.width * frame.height > LIMITS.cells or frame.width > LIMITS.columns:
        raise Unreadable(
            "far_cell",
            f"工作表占用 {frame.height} 行 × {frame.width} 列，可能在很远处误填了一个单元格，请删除多余行列后报送。",
            "The used range is implausibly large.",
        )
    top = left = 0
    if frame.height and (first := _FIRST.search(xml)):
        head = frame.row(0)
        offset = next((i for i, v in enumerate(head) if v is not None), 0)
        top, left = int(first[2]) - 1, max(column_index(first[1]) - offset, 0)

    def place(letters: bytes, row: bytes) -> tuple[int, int]:
        return int(row) - 1 - top, column_index(letters) - left

    def inside(cell: tuple[int, int]) -> bool:
        return 0 <= cell[0] < frame.height and 0 <= cell[1] < frame.width

    # Plain substring searches first: the patterns cost as much as reading the sheet, and few sheets need them.
    formulas = []
    if _has_formula(xml):
        found = _FORMULA.findall(xml)
        if len(found) < len(_FORMULA_TAG.findall(xml, 0, xml.find(b"</sheetData>"))):
            # Some writers number no cells; a formula's last value must not pass for a typed one.
            raise _unplaced_formulas()
        formulas = [c for c in (place(*m) for m in found) if inside(c)]
    merges = []
    for a, b, c, d in _MERGE.findall(xml, xml.find(b"mergeCells")) if b"mergeCells" in xml else ():
        (r1, c1), (r2, c2) = place(a, b), place(c, d)
        merges.append((max(r1, 0), max(c1, 0), r2, c2))
    damaged = [
        (place(letters, row), number)
        for letters, row, attrs, number in (_LONG.findall(xml) if _has_long_number(xml) else ())
        if b't="s"' not in attrs and b't="str"' not in attrs and b't="inlineStr"' not in attrs
    ]
    # A long number lost its last digits in Excel; write it back in the form in which Excel shows it, so that the rule on identifiers sees it.
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), number in damaged:
        if inside((row, column)):
            by_column.setdefault(column, {})[row] = f"{float(number):.5E}"
    for column, cells in by_column.items():
        frame.replace_column(column, frame.to_series(column).scatter(list(cells), list(cells.values())))
    return Grid(member, sheet, frame, top + 1, merges, formulas)


def _cell_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:.5E}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return str(value)
    return str(value)


def read_xls(data: bytes, member: str, hidden: list[str] | None = None) -> list[Grid]:
    """All visible sheets of a 97-2003 workbook as text grids; names of the others are added to `hidden`.

    Raises:
        Unreadable: encryption, macros or damage.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("encrypted", "工作簿设有打开密码，请取消密码后报送。", "The workbook is encrypted.")
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise Unreadable(
            "macro", "工作簿含有宏，出于安全不予读取，请另存为不含宏的 .xlsx 后报送。", "The workbook holds macros."
        )
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = []
        formulas = formula_cells(data)
        if len(formulas) != len(book.sheets_metadata):
            raise _unplaced_formulas() if any(formulas) else _damaged()
        for meta, cells in zip(book.sheets_metadata, formulas, strict=True):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                if hidden is not None:
                    hidden.append(meta.name)
                continue
            sheet = book.get_sheet_by_name(meta.name)
            top, left = sheet.start or (0, 0)
            rows = sheet.to_python(skip_empty_area=True)
            width = max((len(r) for r in rows), default=0)
            columns = {f"c{i}": [_cell_text(r[i]) if i < len(r) else None for r in rows] for i in range(width)}
            frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
            merges = [
                (max(a[0] - top, 0), max(a[1] - left, 0), b[0] - top, b[1] - left)
                for a, b in (sheet.merged_cell_ranges or [])
            ]
            inside = [(r - top, c - left) for r, c in cells if top <= r < top + len(rows) and left <= c < left + width]
            grids.append(Grid(member, meta.name, frame, top + 1, merges, inside))
        return grids
    except python_calamine.PasswordError:
        raise Unreadable("encrypted", "工作簿设有打开密码，请取消密码后报送。", "The workbook is encrypted.") from None
    except Unreadable:
        raise
    except (python_calamine.CalamineError, OSError, ValueError, KeyError, IndexError, struct.error):
        raise _damaged() from None
    except BaseException as error:
        raise _panicked(error) from None

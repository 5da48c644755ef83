"""The empty delivery template of a feed: the form, how to fill it in, and its code lists, all from the contract."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter

from expectations.contract import Column, Contract

BLANK_ROWS = 200
_HINTS = {
    "date": "如 2024-10-15",
    "minutes": "如 3'25\"",
    "seconds": "如 8.5",
    "acuity": "五分记录，如 4.9；低于 3.0 填 0；未测填“未测”",
    "diopter": "带正负号，如 -1.25",
    "grade": "11-16 小学，21-23 初中，31-33 高中，或写“三年级”",
    "class_no": "如 1班",
    "xjh": "19 位，文本格式",
    "id_number": "18 位，文本格式",
    "pupil_no": "文本格式",
    "school_code": "10 位学校标识码",
    "area_code": "6 位区县代码",
    "period": "学年 2024-2025，学期 2024-2025-1（秋）或 2024-2025-2（春）",
    "clock": "如 14:30",
    "glasses": "不佩戴眼镜、佩戴框架眼镜、佩戴隐形眼镜、夜戴角膜塑形镜",
    "result": "符合、基本符合、不符合（或 是、否）",
}


def _range(reads: Any) -> str:
    if reads.get("min") is None or reads.get("max") is None:
        return ""
    scale = int(reads.get("scale", 100 if reads["type"] == "diopter" else 1))
    return f"{reads['min'] / scale:g} 至 {reads['max'] / scale:g}"


def explain(column: Column) -> str:
    """How a column is filled in, in one phrase."""
    reads = column.reads
    if reads["type"] == "code":
        words = [
            str(next((s for s in spelled if not str(s).isascii()), name)) for name, spelled in reads["codes"].items()
        ]
        return "、".join(words)
    if reads["type"] in ("number", "seconds", "minutes"):
        bound = _range(reads)
        return "；".join(
            t
            for t in (
                _HINTS.get(reads["type"], "数字"),
                f"范围 {bound}" if bound and reads["type"] != "minutes" else "",
            )
            if t
        )
    return _HINTS.get(reads["type"], "")


def write_template(contract: Contract, out: Path) -> None:
    """Writes the template; what a school fills into it is recognised and accepted as it is."""
    out.parent.mkdir(parents=True, exist_ok=True)
    columns = [
        c for c in contract.columns if c.reads["type"] != "drop" and (c.stored or c.name in ("class_name", "ortho_k"))
    ]
    must = {*contract.requires, *(c.name for c in contract.columns if c.required)}
    with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        book.set_properties({"title": f"{contract.title}报送表样", "created": dt.datetime(2000, 1, 1)})
        head = book.add_format(
            {
                "bold": True,
                "bg_color": "#E7EEF6",
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "num_format": "@",
            }
        )
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(contract.title)
        for index, column in enumerate(columns):
            star = "*" if column.name in must else ""
            sheet.write_string(0, index, f"{column.title}{star}", head)
            sheet.set_column(index, index, max(12, len(column.title) * 2 + 2), text)
            if column.reads["type"] == "code":
                listed = explain(column).split("、")
                if len(",".join(listed)) < 250:
                    options = {
                        "validate": "list",
                        "source": listed,
                        "error_type": "warning",
                        "error_title": "请核对",
                        "error_message": "不在代码表中",
                    }
                    sheet.data_validation(1, index, BLANK_ROWS, index, options)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 26)
        notes.set_column(1, 2, 60)
        lines = [
            ("用途", contract.purpose, ""),
            ("一行是", contract.grain, ""),
            (
                "怎样报送",
                "文件名或文件夹中写学校标识码和学期，如 2141000123/2024-2025-1/；带 * 的列必填；学籍号、身份证号请保持文本格式。",
                "",
            ),
        ]
        for line, (name, words, _) in enumerate(lines):
            notes.write_string(line, 0, name, head)
            notes.write_string(line, 1, words)
        start = len(lines) + 1
        for index, title in enumerate(("栏目", "怎样填写", "也认识的写法")):
            notes.write_string(start, index, title, head)
        for line, column in enumerate(columns, start=start + 1):
            notes.write_string(line, 0, column.title)
            notes.write_string(line, 1, explain(column))
            notes.write_string(line, 2, "、".join(h for h in column.headers if h != column.title))

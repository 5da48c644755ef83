"""Rejected rows go back in the layout they came in, are mended there, and come in again; nothing else moves."""

import datetime as dt
import gzip
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from deliveries import (
    AUTUMN,
    SCHOOL,
    VISION_HEAD,
    YEAR,
    Outcome,
    csv_bytes,
    deliver,
    land_all,
    reading_inline,
    vision,
    vision_row,
    xjh,
    xls_bytes,
    xlsx_bytes,
)

from orchestration.config import Home
from orchestration.ingest.feedback import REASON_COLUMN, write_feedback

PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"
RIGHT = VISION_HEAD.index("右眼裸眼视力")
IDENTITY = ("pupil_xjh", "pupil_num", "check_date", "period", "school")


def send_back(home: Home) -> int:
    with reading_inline():
        return write_feedback(home, home.base / "_rejected" / "rejected.parquet")


def workbooks(home: Home) -> list[Path]:
    return sorted(home.feedback.rglob("*退回.xlsx"))


def only(home: Home) -> Path:
    (book,) = workbooks(home)
    return book


def cells(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {s.title: [[c.value for c in row] for row in s.iter_rows()] for s in book.worksheets}


def mend(path: Path, mended: dict[str, str]) -> None:
    """Replaces cells of a feedback workbook by their text, as a clerk would."""
    book = openpyxl.load_workbook(path)
    done = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value in mended:
                    done.add(cell.value)
                    cell.value = mended[cell.value]
    assert done == set(mended)
    book.save(path)


def resend(home: Home, path: Path, *, alone: bool) -> None:
    """Moves a workbook back into the inbox, by itself or within its folders, with the sidecar that lies beside it."""
    target = home.inbox / (path.name if alone else path.relative_to(home.feedback))
    target.parent.mkdir(parents=True, exist_ok=True)
    side = path.with_name(path.name + ".meta.json")
    if side.exists():
        shutil.copy(side, target.with_name(target.name + ".meta.json"))
    shutil.copy(path, target)


def known(out: Outcome, feed: str = "vision_check") -> set[tuple[Any, ...]]:
    """Who was accepted where and when, without delivery facts."""
    table = out.base(feed)
    return set(table.select([c for c in IDENTITY if c in table.columns]).rows())


ROWS = vision(vision_row(1), vision_row(2, "8.8"), vision_row(3))
UNDATED = vision(vision_row(1, day=""), vision_row(2, "8.8", day=""), vision_row(3, day=""))
TITLED = [["2024-2025学年第一学期视力表"], ["说明：如实填写"], *UNDATED]
SAID = {"school": SCHOOL, "period": AUTUMN, "date": "2024-10-15", "feed": "vision_check", "version": 3, "replace": True}
DELIVERIES: dict[str, tuple[str, bytes, dict[str, Any] | None]] = {
    "xlsx": (f"{PLACE}/a.xlsx", xlsx_bytes({"视力": ROWS}), None),
    "xls": (f"{PLACE}/a.xls", xls_bytes({"视力": ROWS}), None),
    "csv": (f"{PLACE}/a.csv", csv_bytes(ROWS, "gb18030"), None),
    "title rows": (f"{SCHOOL}/20241015.csv", csv_bytes(TITLED), None),
    "gz": (f"{PLACE}/a.csv.gz", gzip.compress(csv_bytes(ROWS)), None),
    "sidecar": ("某处/a.csv", csv_bytes(UNDATED), SAID),
}


@pytest.mark.parametrize("alone", [True, False], ids=["by itself", "in its folders"])
@pytest.mark.parametrize("kind", sorted(DELIVERIES))
def test_reject_mend_resend(home: Home, kind: str, alone: bool) -> None:
    path, data, sidecar = DELIVERIES[kind]
    deliver(home, path, data, sidecar=sidecar)
    deliver(home, f"{PLACE}/untouched.csv", vision(vision_row(50)))
    first = land_all(home)
    assert (first.summary.rows["accepted"], first.summary.rows["rejected"]) == (3, 1)
    assert send_back(home) == 1
    before = first.base("vision_check").sort("delivery_id", "row_number")
    mend(only(home), {"8.8": "4.8"})
    resend(home, only(home), alone=alone)
    second = land_all(home)
    assert (second.summary.rows["accepted"], second.summary.rows["rejected"]) == (1, 0)
    after = second.base("vision_check")
    old = after.filter(pl.col("delivery_id").is_in(before["delivery_id"].unique().implode())).sort(
        "delivery_id", "row_number"
    )
    assert old.equals(before)
    (new,) = after.filter(~pl.col("delivery_id").is_in(before["delivery_id"].unique().implode())).iter_rows(named=True)
    assert (new["va_right"], new["check_date"], new["period"], new["school"]) == (
        48,
        dt.date(2024, 10, 15),
        AUTUMN,
        SCHOOL,
    )
    assert new["replace_scope"] is False
    assert new["version"] == (3 if kind == "sidecar" else 0)
    # The mended row is the one an unspoiled delivery would have had.
    assert len(known(second)) == 4


def test_a_feedback_workbook_has_the_layout_it_came_in(home: Home) -> None:
    rows = [["无名小学视力表"], VISION_HEAD, vision_row(1), vision_row(2, "8.8"), vision_row(3), vision_row(4, "9.9")]
    deliver(home, f"{PLACE}/a.csv", rows)
    land_all(home)
    send_back(home)
    (sheet,) = cells(only(home)).values()
    assert sheet[0][0] == "无名小学视力表"
    assert sheet[1] == [*VISION_HEAD, REASON_COLUMN]
    width = len(VISION_HEAD)
    assert [[c or "" for c in line[:width]] for line in sheet[2:]] == [vision_row(2, "8.8"), vision_row(4, "9.9")]
    assert [line[width][:7] for line in sheet[2:]] == ["原第 4 行：", "原第 6 行："] or all(
        "行：" in line[width] for line in sheet[2:]
    )
    assert "右眼裸眼视力" in sheet[2][width]


def test_merged_headers_of_several_levels_go_back_whole(home: Home) -> None:
    rows = [
        ["序号*", "学籍号*", "裸眼远视力*", None, "检查日期"],
        [None, None, "右眼", "左眼", None],
        ["1", xjh(1), "8.8", "5.0", "2024-10-15"],
    ]
    merges = [(0, 0, 1, 0, "序号*"), (0, 1, 1, 1, "学籍号*"), (0, 2, 0, 3, "裸眼远视力*"), (0, 4, 1, 4, "检查日期")]
    deliver(home, f"{PLACE}/a.xlsx", xlsx_bytes({"x": rows}, merges=merges))
    land_all(home)
    send_back(home)
    mend(only(home), {"8.8": "4.8"})
    resend(home, only(home), alone=True)
    out = land_all(home)
    assert out.base("vision_check")["va_right"].to_list() == [48]


def test_nothing_in_a_feedback_workbook_is_a_formula(home: Home) -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "http://invalid.example/"]
    deliver(
        home,
        f"{PLACE}/a.csv",
        vision(*(vision_row(i, "8.8", **{"姓名": text, "家庭住址": text}) for i, text in enumerate(evil))),
    )
    deliver(home, f"{PLACE}/b.xlsx", xlsx_bytes({"=x": vision(vision_row(9, "=8+0.8"))}))
    land_all(home)
    send_back(home)
    for book in workbooks(home):
        for sheet in openpyxl.load_workbook(book).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type in ("s", "n") and (cell.value is None or cell.data_type == "s"), cell.value
                    assert cell.number_format == "@" or cell.value is None
        with zipfile.ZipFile(book) as archive:
            assert not any(
                b"<f>" in archive.read(n) or b"hyperlink" in archive.read(n) for n in archive.namelist() if "sheet" in n
            )


def test_sheets_and_members_each_get_their_own_sheet(home: Home) -> None:
    two = xlsx_bytes(
        {
            "一年级": vision(vision_row(1, "8.8"), vision_row(2)),
            "说明": [["没有数据"]],
            "二年级": vision(vision_row(3), vision_row(4, "8.7")),
        }
    )
    deliver(home, f"{PLACE}/a.xlsx", two)
    archive = home.inbox / PLACE / "b.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("甲/一班.csv", csv_bytes(vision(vision_row(11, "8.6"))))
        packed.writestr("乙/一班.csv", csv_bytes(vision(vision_row(12), vision_row(13, "8.5"))))
    first = land_all(home)
    assert first.summary.rows == {"read": 7 + 1, "accepted": 3, "rejected": 4, "not_data": 1}
    assert send_back(home) == 2
    books = workbooks(home)
    assert sorted(len(cells(b)) for b in books) == [2, 2]
    back = [line[RIGHT] for b in books for sheet in cells(b).values() for line in sheet[1:]]
    assert sorted(back) == ["8.5", "8.6", "8.7", "8.8"]
    for book in books:
        mend(
            book,
            {v: "4.8" for v in ("8.8", "8.7") if v in str(cells(book))}
            | {v: "4.7" for v in ("8.6", "8.5") if v in str(cells(book))},
        )
        resend(home, book, alone=True)
    out = land_all(home)
    assert (out.summary.rows["accepted"], out.summary.rows["rejected"]) == (4, 0)
    assert len(known(out)) == 7


def test_every_rejected_row_goes_back_exactly_once(home: Home) -> None:
    spoiled = {3: "8.8", 7: "x1", 11: "50", 12: "2.7"}
    deliver(home, f"{PLACE}/a.csv", vision(*(vision_row(i, spoiled.get(i, "4.9")) for i in range(15))))
    head = ["学籍号", "身高", "体重", "肺活量", "50米跑", "坐位体前屈", "左眼裸眼视力", "右眼裸眼视力", "测试日期"]
    deliver(
        home,
        f"{SCHOOL}/{YEAR}/both.csv",
        [head, [xjh(1), "2.05", "38", "2100", "9.1", "3.5", "4.9", "8.8", "2024-10-15"]],
    )
    out = land_all(home)
    send_back(home)
    per_book = {
        b.parts[-2 - (len(b.relative_to(home.feedback).parts) - 2)]: sum(len(s) - 1 for s in cells(b).values())
        for b in workbooks(home)
    }
    rows = out.rejected.group_by("delivery_id").agg(pl.col("row_number").n_unique()).rows()
    assert per_book == dict(rows)
    assert sum(per_book.values()) == 5
    (line,) = [s[1] for b in workbooks(home) for s in cells(b).values() if len(s) == 2]
    assert "身高" in line[-1]
    assert "右眼裸眼视力" in line[-1]


def test_a_refused_file_goes_back_with_its_reason_only(home: Home) -> None:
    deliver(home, f"{PLACE}/letter.csv", "各学校：请于周五前报送。\n".encode())
    out = land_all(home)
    send_back(home)
    assert cells(only(home)) == {
        "退回说明": [["本文件（或其中的工作表）没有接收，原因如下，请改正后重新报送："], [out.rejected["reason_zh"][0]]]
    }


def test_feedback_is_written_once_and_withdrawn_when_nothing_is_rejected_any_more(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1, "8.8")))
    deliver(home, f"{PLACE}/b.csv", vision(vision_row(2, "8.8")))
    land_all(home)
    assert send_back(home) == 2
    before = {b: (b.read_bytes(), b.stat().st_mtime_ns) for b in workbooks(home)}
    assert send_back(home) == 0
    assert {b: (b.read_bytes(), b.stat().st_mtime_ns) for b in workbooks(home)} == before
    gone = workbooks(home)[0]
    shutil.rmtree(home.feedback / gone.relative_to(home.feedback).parts[0])
    assert send_back(home) == 1
    assert gone.read_bytes() == before[gone][0]
    table = pl.read_parquet(home.base / "_rejected" / "rejected.parquet")
    table.head(1).write_parquet(home.warehouse / "fewer.parquet")
    with reading_inline():
        assert write_feedback(home, home.warehouse / "fewer.parquet") == 0
    assert len(workbooks(home)) == 1


def test_resending_the_workbook_unmended_changes_nothing_but_is_rejected_again(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1), vision_row(2, "8.8")))
    before = land_all(home).base("vision_check")
    send_back(home)
    resend(home, only(home), alone=True)
    out = land_all(home)
    assert (out.summary.rows["accepted"], out.summary.rows["rejected"]) == (0, 1)
    assert out.base("vision_check").equals(before)

"""Text tables are decoded strictly, split without guessing, and refused with a sentence where that is not possible."""

import gzip
import io
import zipfile
from functools import partial
from pathlib import Path

import pytest
from deliveries import csv_bytes, xlsx_bytes

from orchestration.ingest import limits, readers
from orchestration.ingest.grids import Grid, Unreadable
from orchestration.ingest.readers import read_file
from orchestration.ingest.text_files import decode, read_text

# Without a time of its own: test ids must be the same in every process.
packed = partial(gzip.compress, mtime=0)

RARE = [["学籍号", "姓名"], ["1", "㐂"], ["2", "𠮷"], ["3", "䶮㛃𬭎"]]


def rows(data: bytes | str) -> list[tuple[str | None, ...]]:
    return read_text(data.encode() if isinstance(data, str) else data, "").frame.rows()


def refusal(data: bytes | str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        rows(data)
    assert caught.value.zh
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    data = csv_bytes(RARE, encoding, delimiter)
    assert rows(data) == [tuple(r) for r in RARE]
    assert decode(data)[1] == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def test_utf16_of_either_byte_order() -> None:
    text = "学号\t姓名\r\n1\t㐂\r\n"
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert rows(mark + text.encode(encoding)) == [("学号", "姓名"), ("1", "㐂")]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff,a\n",
        "学号\n".encode() + b"\xff\xff\n",
        "学号,姓名\n".encode("gb18030") + b"\x81\xff\n",
        b"\xff\xfe\x41",
    ],
)
def test_what_no_encoding_fits_is_refused_and_never_replaced(data: bytes) -> None:
    assert refusal(data).rule == "encoding"
    assert "字节" in refusal(data).zh


def test_the_place_of_a_wrong_byte_is_named() -> None:
    assert "约第 3 行、第 6 字节" in refusal(b"a,b\n1,\n\xff\xff").zh.replace("第 7", "第 6").replace("第 8", "第 6")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\n1,2,3\n", [("a", "b", "c"), ("1", "2", "3")]),
        ("a,b\r\n1,2\r\n", [("a", "b"), ("1", "2")]),
        ("a,b\r1,2\r", [("a", "b"), ("1", "2")]),
        ("a,b\n1,2", [("a", "b"), ("1", "2")]),
        ("标题\na,b,c\n1,2,3\n", [("标题", None, None), ("a", "b", "c"), ("1", "2", "3")]),
        ('"标题，含""引号"""\na,b\n1,2\n', [('标题，含"引号"', None), ("a", "b"), ("1", "2")]),
        ('"标题,带逗号"\na,b\n1,2\n', [("标题,带逗号", None), ("a", "b"), ("1", "2")]),
        ("a,b\n\n1,2\n\n\n3,4\n", [("a", "b"), (None, None), ("1", "2"), (None, None), (None, None), ("3", "4")]),
        ("a,b,c\n1,2\n3,4,5\n", [("a", "b", "c"), ("1", "2", None), ("3", "4", "5")]),
        ('a,b\n"x\ny",2\n', [("a", "b"), ("x\ny", "2")]),
        ('a,b\n"x,y",2\n', [("a", "b"), ("x,y", "2")]),
        ("a,b\n1,3'25\"\n2,3'30\"\n", [("a", "b"), ("1", "3'25\""), ("2", "3'30\"")]),
        ("a,b,c\n1,3'25\",x\n", [("a", "b", "c"), ("1", "3'25\"", "x")]),
        ('a,b\n1,"3\'25"""\n', [("a", "b"), ("1", "3'25\"")]),
        ('a;b;c\n1;2,5;3\'25"\n', [("a", "b", "c"), ("1", "2,5", "3'25\"")]),
        ("a,b\n=cmd|' /C calc'!A0,+1\n", [("a", "b"), ("=cmd|' /C calc'!A0", "+1")]),
        ("a,b\n00123,1E5\n", [("a", "b"), ("00123", "1E5")]),
        ("a,b\nNA,null\n", [("a", "b"), ("NA", "null")]),
        ("a,b\n#1,// 2\n", [("a", "b"), ("#1", "// 2")]),
        ("只有一列\n1\n\n2\n", [("只有一列",), ("1",), (None,), ("2",)]),
    ],
)  # fmt: skip
def test_cells_stay_what_they_are(text: str, expected: list[tuple[str | None, ...]]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("学号,姓名\n1,测".encode()[:-1], "truncated"),
        ("学号,姓名\n1,测".encode("gb18030")[:-1], "truncated"),
        ('a,b\n1,"没有写完\n2,3\n', "truncated"), ('a,b\n"', "truncated"), ("a,b,c\n1,2,3\n4,5", "truncated"),
        ('a,b\n1,"x"y\n', "malformed_csv"), ("a,b\n" * 50 + "1,2,3\n", "malformed_csv"), ("a,b\n1,\0\n", "not_a_table"),
        ("a,b\n" + "1,2\n" * 30_000 + "1,\0\n", "not_a_table"), (",".join(["a"] * 2_001) + "\n", "too_large"),
    ],
)  # fmt: skip
def test_broken_tables_are_refused(text: str | bytes, rule: str) -> None:
    assert refusal(text).rule == rule


@pytest.mark.parametrize("text", ["a,b\n1,2\n合计", "a,b,c\n1,2,3\n填表人,\n", "a,b,c\n1,2\n4,5"])
def test_a_short_last_line_is_no_cut(text: str) -> None:
    assert rows(text)


def test_sentences_do_not_quote_cells() -> None:
    for text in ('a,b\n测甲子,"x"y\n', 'a,b\n测甲子,"未完\n', "a,b\n" * 50 + "测甲子,2,3\n"):
        assert "测甲子" not in refusal(text).zh + refusal(text).en


# Packed and mislabelled files, through the one entry that children use.

TABLE = csv_bytes([["学籍号", "右眼裸眼视力", "左眼裸眼视力"], ["1", "4.9", "5.0"]])
BOOK = xlsx_bytes({"Sheet1": [["学籍号", "右眼裸眼视力", "左眼裸眼视力"], ["1", "4.9", "5.0"]]})


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def verdict(tmp_path: Path, name: str, data: bytes) -> list[Grid] | str:
    path = tmp_path / "stored"
    path.write_bytes(data)
    try:
        content = readers.read_file(str(path), name)
    except Unreadable as error:
        assert error.zh.endswith("。")
        return error.rule
    return content.grids if not content.refused else "/".join(r.rule for _, r in content.refused)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", TABLE), ("a.txt", TABLE), ("没有扩展名", TABLE), ("a.csv.gz", packed(TABLE)), ("a.zip", zipped({"a.csv": TABLE})), ("a.xlsx", BOOK),
        ("a.xls", BOOK), ("a.xlsx.gz", packed(BOOK)), ("a.zip", zipped({"x/b.xlsx": BOOK})), ("a.zip", zipped({"../../etc/a.csv": TABLE})),
        ("a.zip", zipped({"a.csv.gz": packed(TABLE)})), ("a.zip", zipped({"__MACOSX/x": b"1", "d/": b"", "a.csv": TABLE})),
        ("两半.csv.gz", packed(TABLE[:20]) + packed(TABLE[20:])),
    ],
)  # fmt: skip
def test_the_same_table_however_packed(tmp_path: Path, name: str, data: bytes) -> None:
    grids = verdict(tmp_path, name, data)
    assert not isinstance(grids, str), grids
    assert [g.frame.rows() for g in grids] == [[("学籍号", "右眼裸眼视力", "左眼裸眼视力"), ("1", "4.9", "5.0")]]


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("a.csv", b"", "empty"), ("a.xlsx", TABLE, "mislabelled"), ("a.xls", b"<html><table>", "mislabelled"), ("a.csv", BOOK, "mislabelled"),
        ("a.xlsx", b"%PDF-1.7\n%...", "not_a_table"), ("a.csv", b"\x89PNG\r\n\x1a\n", "not_a_table"), ("a.zip", b"Rar!\x1a\x07", "not_a_table"),
        ("a.csv", b"\x00\x01\x02", "not_a_table"), ("a.csv.gz", packed(TABLE)[:-9], "truncated"), ("a.csv.gz", b"\x1f\x8b" + b"x" * 50, "malformed_archive"),
        ("a.csv.gz", packed(packed(TABLE)), "nested_archive"), ("a.zip", zipped({"b.zip": zipped({"a.csv": TABLE})}), "nested_archive"),
        ("a.zip.gz", packed(zipped({"a.csv": TABLE})), "nested_archive"), ("a.zip", zipped({"a.csv": TABLE})[:-30], "truncated"),
        ("a.zip", zipped({}), "empty"), ("a.xlsx", BOOK[: len(BOOK) // 2], "truncated"), ("a.zip", zipped({"坏.csv": b"", "b.pdf": b"%PDF"}), "not_a_table/empty"),
        ("a.xlsx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "malformed_workbook"),
        ("a.xlsm", zipped({"[Content_Types].xml": b"<x/>", "xl/vbaProject.bin": b"x"}), "macro"),
        ("a.csv.gz", packed(b"0" * (limits.LIMITS.ratio_from + 1)), "zip_bomb"),
        ("a.zip", zipped({"a.csv": b"0" * (limits.LIMITS.ratio_from + 1)}), "zip_bomb"),
    ],
)  # fmt: skip
def test_files_that_get_a_verdict(tmp_path: Path, name: str, data: bytes, rule: str) -> None:
    assert verdict(tmp_path, name, data) == rule


def test_a_good_member_survives_its_bad_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(zipped({"a.csv": TABLE, "b.xlsx": b"%PDF", "c.csv": b"", "d.zip": zipped({"x.csv": TABLE})}))
    content = read_file(str(path), "a.zip")
    assert [g.member for g in content.grids] == ["a.csv"]
    assert {m: r.rule for m, r in content.refused} == {
        "b.xlsx": "not_a_table",
        "c.csv": "empty",
        "d.zip": "nested_archive",
    }


def test_chinese_member_names_without_the_utf8_flag(tmp_path: Path) -> None:
    data = zipped({"xx.csv": TABLE}).replace(b"xx.csv", "班".encode("gb18030") + b".csv")
    path = tmp_path / "stored"
    path.write_bytes(data)
    assert read_file(str(path), "a.zip").grids[0].member == "班.csv"


def test_members_that_lie_about_their_size(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": TABLE * 100}, zipfile.ZIP_STORED))
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    assert verdict(tmp_path, "a.zip", bytes(data)) in ("zip_bomb", "malformed_archive")

"""CSV and its relatives → a text grid: strict decoding, delimiter from the head of the file, no type guessing."""

from __future__ import annotations

import codecs
import csv
import io
import re

import polars as pl

from orchestration.ingest.grids import NOTE_ROW, Grid, Unreadable
from orchestration.ingest.limits import LIMITS

HEAD_BYTES = 64 * 1024
HEAD_RECORDS = 40
DELIMITERS = (",", "\t", ";")
# Cells that are quoted as they should be; a quote that is left without them stands inside a cell.
_QUOTED = {d: re.compile(rf'(?<![^{d}\n])"[^"]*+(?:""[^"]*+)*+"(?![^{d}\n])') for d in DELIMITERS}


def decode(data: bytes) -> tuple[str, str]:
    """Text and the encoding chosen: UTF-16 by its mark, else UTF-8 strictly, else GB18030 strictly.

    GB18030 comes last because it accepts much that it should not; nothing is ever replaced.

    Raises:
        Unreadable: no candidate fits; the sentence names line and byte.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise _undecodable(data, error.start, "UTF-16") from None
    if b"\0" in data[:HEAD_BYTES]:
        raise Unreadable(
            "not_a_table",
            "文件不是文本表格（含二进制内容），请用 Excel 另存为 .xlsx 或 .csv 后重新报送。",
            "The file is binary, not a table.",
        )
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        # Cut within the last character; taken for GB18030 it would read as nonsense.
        if error.reason == "unexpected end of data":
            raise _cut() from None
    try:
        return data.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason.startswith("incomplete"):
            raise _cut() from None
        raise _undecodable(data, error.start, "UTF-8、GB18030") from None


def _cut() -> Unreadable:
    return Unreadable(
        "truncated",
        "最后一行不完整，文件可能没有传完整，请重新导出并报送。",
        "The last row stops short: the file may have been cut off.",
    )


def _undecodable(data: bytes, offset: int, tried: str) -> Unreadable:
    line = data.count(b"\n", 0, offset) + 1
    return Unreadable(
        "encoding",
        f"文件编码无法识别（已试 {tried}）：约第 {line} 行、第 {offset} 字节处不是有效文字，请用 Excel 打开后另存为“CSV UTF-8”再报送。",
        f"Encoding not recognised (tried {tried}): near line {line}, byte {offset}.",
    )


def _head(text: str, delimiter: str) -> list[list[str]]:
    head = text[:HEAD_BYTES]
    if len(text) > HEAD_BYTES:
        head = head[: head.rfind("\n") + 1] or head
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(head), delimiter=delimiter):
            records.append(record)
            if len(records) == HEAD_RECORDS:
                break
    except csv.Error:
        pass
    return records


def _requoted(text: str, delimiter: str) -> str:
    """The same cells with proper quotes, where a cell such as 3'25" holds one that opens nothing.

    Raises:
        Unreadable: a quote is opened and never closed, or something follows a closing quote.
    """
    out = io.StringIO()
    try:
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
            csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        )
    except csv.Error as error:
        if "end of data" in str(error):
            raise Unreadable(
                "truncated",
                "文件中有没有闭合的引号，可能没有传完整，请重新导出并报送。",
                "An unclosed quote: the file may have been cut off.",
            ) from None
        raise Unreadable(
            "malformed_csv",
            f"文件按“{delimiter}”分列时出错：有的单元格引号使用不规范，请用 Excel 打开检查后另存再报送。",
            "Malformed CSV.",
        ) from None
    return out.getvalue()


def _check_end(text: str, delimiter: str, head: list[list[str]]) -> None:
    """Refuses a file whose last record stops in the middle of a row: it was cut off while it was copied.

    Raises:
        Unreadable: the last line has no end and fewer cells than the line before it, which has as many as the header.
    """
    before, _, last = text.rpartition("\n")
    cells = last.count(delimiter) + 1
    full = max(len(record) for record in head)
    if re.match(NOTE_ROW, last):  # signed below, with fewer cells than a row
        return
    if '"' not in last and 1 < cells < full == before.rpartition("\n")[2].count(delimiter) + 1:
        raise _cut()


def read_text(data: bytes, member: str) -> Grid:
    """Reads comma, tab or semicolon separated text; every cell stays text.

    Raises:
        Unreadable: encoding, an unclosed quote (a file cut off while copying), or ragged rows.
    """
    text, encoding = decode(data)
    as_sent = encoding == "utf-8"  # copies of a whole county's table are dear, so each is made only where it must be
    if "\r" in text:
        text, as_sent = text.replace("\r\n", "\n").replace("\r", "\n"), False
    heads = {d: _head(text, d) for d in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: max((len(r) for r in heads[d]), default=0))
    width = max((len(r) for r in heads[delimiter]), default=1)
    if width > LIMITS.columns:
        raise Unreadable(
            "too_large", f"表格有 {width} 列，超过 {LIMITS.columns} 列的上限。", f"{width} columns exceed the limit."
        )
    if "\0" in text:
        raise Unreadable("not_a_table", "文件中含有空字符（NUL），请重新导出后报送。", "The file holds NUL characters.")
    if '"' in text and '"' in _QUOTED[delimiter].sub("", text):
        proper = _requoted(text, delimiter)
        text, as_sent = (proper, False) if width > 1 else (text, as_sent)
    if width == 1:
        # polars drops blank lines of one-column files; the record numbers must count them.
        frame = pl.DataFrame(
            {"c0": [line or None for line in text.removesuffix("\n").split("\n")]}, schema={"c0": pl.String}
        )
        return Grid(member, "", frame, encoding=encoding)
    schema = {f"c{i}": pl.String for i in range(width)}
    # The first record decides how many columns polars believes in, so a short title row is padded.
    end = text.find("\n") if "\n" in text else len(text)
    missing = width - len(heads[delimiter][0])
    if missing and '"' not in text[:end]:
        text, as_sent = text[:end] + delimiter * missing + text[end:], False
    try:
        frame = pl.read_csv(
            data.removeprefix(codecs.BOM_UTF8) if as_sent else text.encode(),
            has_header=False,
            schema=schema,
            separator=delimiter,
            quote_char='"',
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError as error:
        # Never the message itself: it quotes the line, which may hold a name.
        ragged = "more fields" in str(error)
        zh = "有的行比表头多出列（可能单元格内有分隔符而没有加引号）" if ragged else "有的单元格引号使用不规范"
        raise Unreadable(
            "malformed_csv", f"文件按“{delimiter}”分列时出错：{zh}，请用 Excel 打开检查后另存再报送。", "Malformed CSV."
        ) from None
    if not text.endswith("\n"):
        _check_end(text, delimiter, heads[delimiter])
    return Grid(member, "", frame, encoding=encoding)

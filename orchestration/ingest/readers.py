"""Bytes → grids, by what the bytes are and never by what the name says. Runs in a confined child process."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

from orchestration.ingest.grids import FileContent, Grid, Unreadable
from orchestration.ingest.limits import LIMITS
from orchestration.ingest.text_files import read_text
from orchestration.ingest.workbooks import check_archive, read_xls, read_xlsx

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
}
WORKBOOK_SUFFIXES = (".xlsx", ".xls", ".xlsm", ".et")
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")


def read_file(path: str, name: str) -> FileContent:
    """Reads a file of the archive; `name` is its delivered name, used for its suffix only.

    Raises:
        Unreadable: the file as a whole is refused.
    """
    if Path(path).stat().st_size > LIMITS.file_bytes:
        raise Unreadable(
            "too_large",
            f"文件超过 {LIMITS.file_bytes // 2**20} MB 的上限，请按学校或年级拆分后报送。",
            "The file is too large.",
        )
    return _read(Path(path).read_bytes(), name, "", depth=0)


def _read(data: bytes, name: str, member: str, depth: int) -> FileContent:
    lower = name.lower()
    if not data:
        raise Unreadable("empty", "文件是空的（0 字节），请重新导出后报送。", "The file is empty.")
    if data[:2] == b"\x1f\x8b":
        inner = _gunzip(data)
        if inner[:2] == b"\x1f\x8b":
            raise _nested()
        return _read(inner, lower.removesuffix(".gz"), member, depth + 1)
    if data[:4] in _ZIP:
        return _read_zip(data, lower, member, depth)
    if data[:8] == _OLE:
        if lower.endswith(TEXT_SUFFIXES):
            raise _mislabelled("Excel 工作簿", lower)
        hidden: list[str] = []
        return FileContent(read_xls(data, member, hidden), hidden=hidden)
    for magic, kind in _FOREIGN.items():
        if data.startswith(magic):
            raise Unreadable("not_a_table", f"收到的是{kind}，请报送 .xlsx、.xls 或 .csv 表格。", "Not a spreadsheet.")
    if lower.endswith(WORKBOOK_SUFFIXES):
        raise _mislabelled("网页或文本", lower)
    return FileContent([read_text(data, member)])


def wrongly_named(head: bytes, name: str) -> bool:
    """Whether a file's first bytes contradict its suffix: renamed, the same bytes get another verdict."""
    lower = name.lower()
    packed = head[:4] in _ZIP or head[:8] == _OLE
    return (lower.endswith(TEXT_SUFFIXES) and packed) or (lower.endswith(WORKBOOK_SUFFIXES) and not packed)


def _mislabelled(kind: str, name: str) -> Unreadable:
    suffix = Path(name).suffix
    return Unreadable(
        "mislabelled",
        f"文件扩展名是 {suffix}，内容却是{kind}，请用 Excel 打开后另存为 .xlsx 再报送。",
        f"The name ends in {suffix} but the content is something else.",
    )


def _gunzip(data: bytes) -> bytes:
    pieces: list[bytes] = []
    size, rest = 0, data
    while rest[:2] == b"\x1f\x8b":  # a gzip file may be several, one after the other
        stream = zlib.decompressobj(wbits=31)
        try:
            pieces.append(stream.decompress(rest, LIMITS.expanded_bytes - size + 1))
        except zlib.error:
            raise Unreadable(
                "malformed_archive", "压缩文件已损坏，请重新压缩后报送。", "The gzip file is damaged."
            ) from None
        size += len(pieces[-1])
        if size > LIMITS.expanded_bytes or (size > LIMITS.ratio_from and size > LIMITS.ratio * len(data)):
            raise Unreadable(
                "zip_bomb", "压缩文件解压后过大，未予读取。请确认文件来源。", "The gzip file expands too far."
            )
        if not stream.eof:
            raise Unreadable("truncated", "压缩文件没有传完整，请重新报送。", "The gzip file is incomplete.")
        rest = stream.unused_data
    return b"".join(pieces)


def _nested() -> Unreadable:
    return Unreadable("nested_archive", "压缩包里还有压缩包，请解开后报送。", "An archive within an archive.")


def _member_name(info: zipfile.ZipInfo) -> str:
    """A member's name as the sender saw it: Chinese zips write GBK without saying so. Data only, never a path to write to."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _read_zip(data: bytes, name: str, member: str, depth: int) -> FileContent:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise Unreadable(
            "truncated", "文件已损坏或没有传完整，请重新报送。", "The archive is damaged or incomplete."
        ) from None
    if "[Content_Types].xml" in archive.namelist():
        if name.endswith(TEXT_SUFFIXES):
            raise _mislabelled("Excel 工作簿", name)
        hidden: list[str] = []
        return FileContent(read_xlsx(data, member, hidden, archive), hidden=hidden)
    check_archive(archive, len(data))
    if depth:
        raise _nested()
    content = FileContent()
    for info in sorted(archive.infolist(), key=_member_name):
        inner = _member_name(info)
        if info.is_dir() or inner.startswith("__MACOSX/") or inner.endswith(("Thumbs.db", ".DS_Store")):
            continue
        try:
            if info.flag_bits & 0x1:
                raise Unreadable("encrypted", "压缩包设有密码，请取消密码后报送。", "The archive is encrypted.")
            content.grids += _read(_expand(archive, info), inner, inner, depth + 1).grids
        except Unreadable as refusal:
            content.refused.append((inner, refusal))
    if not content.grids and not content.refused:
        raise Unreadable("empty", "压缩包里没有表格。", "The archive holds no table.")
    return content


def _expand(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Reads one member, never more than its directory entry promised."""
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Unreadable("malformed_archive", "压缩包中的文件已损坏，请重新压缩后报送。", "A damaged member.") from None
    if len(data) > info.file_size:
        raise Unreadable("zip_bomb", "压缩包中的文件比声明的大，未予读取。", "A member is larger than declared.")
    return data


__all__ = ["FileContent", "Grid", "Unreadable", "read_file"]

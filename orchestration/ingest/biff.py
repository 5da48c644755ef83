"""Where the formulas of a 97-2003 workbook are. The cell reader gives their last values only, so the records are looked through once."""

from __future__ import annotations

import io
import struct

import olefile

_HEAD = struct.Struct("<HH")
_CELL = struct.Struct("<HH")
_FORMULAS = {0x0006, 0x0206, 0x0406}  # the record's number changed between the versions of Excel
_BOF, _EOF, _SHEET = 0x0809, 0x000A, 0x0085


def formula_cells(data: bytes) -> list[list[tuple[int, int]]]:
    """Row and column (from 0) of every formula, by sheet in the order of the workbook.

    Raises:
        OSError: no compound file, or none with a workbook.
        struct.error: a record is cut off.
    """
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        name = next((n for n in ("Workbook", "Book") if file.exists(n)), None)
        if name is None:
            raise OSError("no workbook stream")
        stream = file.openstream(name).read()
    starts, position = [], 0
    while position + 4 <= len(stream):
        kind, length = _HEAD.unpack_from(stream, position)
        if kind == _SHEET:
            starts.append(struct.unpack_from("<I", stream, position + 4)[0])
        if kind == _EOF:
            break
        position += 4 + length
    return [_formulas(stream, start) for start in starts]


def _formulas(stream: bytes, position: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    depth = 0  # a chart within a sheet is a stream of its own
    while position + 4 <= len(stream):
        kind, length = _HEAD.unpack_from(stream, position)
        if kind in _FORMULAS:
            found.append(_CELL.unpack_from(stream, position + 4))
        elif kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        position += 4 + length
    return found

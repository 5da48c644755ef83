"""Looks for planted names and numbers in every byte below a folder: plain, packed, in tables, in databases, in the usual encodings.

The text of a canary is searched in UTF-8, GB18030, UTF-16, as JSON escapes, percent-encoded, as HTML references and in base64; gz, zip and xlsx
are opened, Parquet and SQLite and DuckDB files are read value by value (their pages may be compressed).
"""

import base64
import gzip
import io
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import polars as pl

DEPTH = 4
CHUNK = 1 << 22
KEY = 3


@dataclass(frozen=True)
class Leak:
    """A canary and where it was found."""

    place: str
    canary: str
    form: str


def forms(canary: str) -> dict[str, bytes]:
    """The byte strings under which a text may lie in a file."""
    found = {
        "utf-8": canary.encode(),
        "gb18030": canary.encode("gb18030"),
        "utf-16-le": canary.encode("utf-16-le"),
        "utf-16-be": canary.encode("utf-16-be"),
        "json": "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in canary).encode(),
        "percent": quote(canary).encode(),
        "html": "".join(f"&#{ord(c)};" if ord(c) > 127 else c for c in canary).encode(),
    }
    for shift in range(3):
        # base64 of a text depends on where it stands in what is encoded; the ends are cut where neighbours mix in.
        coded = base64.b64encode(b"\0" * shift + canary.encode())
        found[f"base64/{shift}"] = coded[4 if shift else 0 : -4]
    return {name: text for name, text in found.items() if len(text) >= 6}


class Scanner:
    """Searches for a fixed list of canaries."""

    def __init__(self, canaries: Iterable[str]) -> None:
        self.needles = [(c, name, text) for c in sorted(set(canaries)) for name, text in forms(c).items()]
        # Bytes 4 to 6 of each form: one look-up per byte of a file instead of one search per form.
        self.wanted = np.zeros(1 << 24, bool)
        self.by_key: dict[int, list[tuple[str, str, bytes]]] = {}
        for needle in self.needles:
            key = int.from_bytes(needle[2][KEY : KEY + 3], "big")
            self.wanted[key] = True
            self.by_key.setdefault(key, []).append(needle)

    def scan(self, folder: Path, leave: Sequence[str] = ()) -> list[Leak]:
        """All leaks below a folder, file and folder names included; `leave` are relative paths of folders not looked at."""
        leaks: list[Leak] = []
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if any(relative.is_relative_to(name) for name in leave):
                continue
            leaks += self._named(str(relative))
            if path.is_file() and not path.is_symlink():
                leaks += self._file(str(relative), path)
        return leaks

    def _named(self, name: str) -> list[Leak]:
        return [Leak(name, canary, f"name {form}") for canary, form in self._search(name.encode("utf-8", "replace"))]

    def _file(self, place: str, path: Path) -> Iterator[Leak]:
        data = path.read_bytes()
        yield from self.look(place, data)
        if data[:4] == b"PAR1":
            yield from self._parquet(place, io.BytesIO(data))
        elif data[:16] == b"SQLite format 3\0":
            yield from self._sqlite(place, path)
        elif data[8:12] == b"DUCK":
            yield from self._duckdb(place, path)

    def look(self, place: str, data: bytes, depth: int = 0) -> Iterator[Leak]:
        """Leaks in bytes, and in what is packed in them."""
        yield from dict.fromkeys(Leak(place, canary, form) for canary, form in self._search(data))
        if depth == DEPTH:
            return
        if data[:2] == b"\x1f\x8b":
            try:
                yield from self.look(f"{place}!gz", gzip.decompress(data), depth + 1)
            except (OSError, EOFError, zlib.error):
                return
        elif data[:4] == b"PK\x03\x04":
            try:
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for info in archive.infolist():
                        yield from self._named(f"{place}!{info.filename}")
                        yield from self.look(f"{place}!{info.filename}", archive.read(info), depth + 1)
            except (zipfile.BadZipFile, RuntimeError, zlib.error):
                return
        elif data[:4] == b"PAR1" and depth:
            yield from self._parquet(place, io.BytesIO(data))

    def _search(self, data: bytes) -> Iterator[tuple[str, str]]:
        for start in range(0, len(data), CHUNK):
            codes = np.frombuffer(data, np.uint8, min(CHUNK + 2, len(data) - start), start).astype(np.uint32)
            keys = (codes[:-2] << 16) | (codes[1:-1] << 8) | codes[2:]
            for at in np.flatnonzero(self.wanted[keys]).tolist():
                for canary, form, text in self.by_key[int(keys[at])]:
                    if data.startswith(text, start + at - KEY):
                        yield canary, form

    def _values(self, place: str, values: Iterable[object]) -> Iterator[Leak]:
        pieces = [v if isinstance(v, bytes) else str(v).encode("utf-8", "replace") for v in values if v is not None]
        yield from self.look(place, b"\0".join(pieces), DEPTH)
        for piece in pieces:
            if piece[:2] == b"\x1f\x8b" or piece[:4] == b"PK\x03\x04":
                yield from self.look(place, piece)

    def _parquet(self, place: str, source: io.BytesIO) -> Iterator[Leak]:
        frame = pl.read_parquet(source)
        for name in frame.columns:
            yield from self._values(f"{place}#{name}", frame[name].unique().to_list())

    def _sqlite(self, place: str, path: Path) -> Iterator[Leak]:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in db.execute(f'select * from "{table}"'):
                    yield from self._values(f"{place}#{table}", row)

    def _duckdb(self, place: str, path: Path) -> Iterator[Leak]:
        import duckdb

        with duckdb.connect(str(path), read_only=True) as db:
            tables = db.execute(
                "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            )
            for schema, table in tables.fetchall():
                for name, *_ in db.execute(f'describe "{schema}"."{table}"').fetchall():
                    values = db.execute(f'select distinct "{name}" from "{schema}"."{table}"').fetchall()
                    yield from self._values(f"{place}#{schema}.{table}.{name}", [v for (v,) in values])


def leaks(home: Path, canaries: Iterable[str]) -> list[Leak]:
    """Canaries anywhere below a home but in raw/ and warehouse/keys, where they may be."""
    return Scanner(canaries).scan(home, leave=("raw", "warehouse/keys"))

"""Writing the tree: files by relative path, unchanged ones linked to the earlier tree, what was written counted."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

_SAFE = re.compile(r"[0-9A-Za-z_]+")
_FURTHER = re.compile(r"-more(-\d+)?\.html$")


def segment(code: str) -> str:
    """A code as a path segment. Codes come from deliveries: what is not plain is written as hex."""
    return code if _SAFE.fullmatch(code) else "x" + code.encode().hex()


@dataclass
class SiteStats:
    """What one call of the generator wrote."""

    pages: int = 0
    files: int = 0
    bytes: int = 0
    linked: int = 0
    hidden_cells: int = 0
    largest: dict[str, int] = field(default_factory=dict)
    by_kind: Counter[str] = field(default_factory=Counter)


class Writer:
    """Writes into a new folder; a file equal to the one of ``previous`` becomes a hard link to it."""

    def __init__(self, out: Path, previous: Path | None = None) -> None:
        """Make the folder, which must not hold anything yet."""
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise FileExistsError(f"{out} is not empty: a site is always written into a new folder")
        self.out = out
        self.previous = previous
        self.folder = ""  # where the language at hand stands below the site
        self.stats = SiteStats()
        self._folders: set[str] = set()

    def page(self, path: str, html: str, kind: str) -> None:
        """Write one HTML page."""
        size = self._write(path, html.encode())
        self.stats.pages += 1
        self.stats.by_kind[kind] += 1
        self.stats.largest[kind] = max(self.stats.largest.get(kind, 0), size)

    def file(self, path: str, content: bytes) -> None:
        """Write a style, a script or data."""
        self._write(path, content)

    def keep(self, folder: str) -> None:
        """Take a folder of the earlier site, or one file of it, as it stands."""
        if self.previous is None:
            raise ValueError("there is no earlier site to keep anything of")
        source = self.previous / self.folder / folder
        if source.is_dir():
            self._take_all(source, self.place(folder))
        elif source.is_file():
            self.place(folder).parent.mkdir(parents=True, exist_ok=True)
            self._take(str(source), str(self.place(folder)), source.stat().st_size)

    def _take_all(self, source: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        with os.scandir(source) as entries:  # one look at each file: there are tens of thousands
            for entry in sorted(entries, key=lambda e: e.name):
                if entry.is_dir():
                    self._take_all(source / entry.name, target / entry.name)
                else:
                    self._take(entry.path, f"{target}/{entry.name}", entry.stat().st_size)

    def _take(self, path: str, target: str, size: int) -> None:
        try:
            os.link(path, target)
            self.stats.linked += 1
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, target)
        self.stats.files += 1
        self.stats.bytes += size
        if path.endswith(".html"):
            self.stats.pages += 1
            is_school = "/school/" in path and _FURTHER.search(path) is None
            self.stats.by_kind["school" if is_school else "kept"] += 1

    def place(self, path: str) -> Path:
        """Where a file of the language at hand goes that somebody else writes."""
        return self.out / self.folder / path

    def _write(self, path: str, content: bytes) -> int:
        path = self.folder + path
        folder = path.rpartition("/")[0]
        if folder and folder not in self._folders:
            (self.out / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        target = self.out / path
        if self.previous is not None and _same(self.previous / path, content):
            self._link(self.previous / path, target, content)
        else:
            target.write_bytes(content)
        self.stats.files += 1
        self.stats.bytes += len(content)
        return len(content)

    def _link(self, source: Path, target: Path, content: bytes) -> None:
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            target.write_bytes(content)
        else:
            self.stats.linked += 1


def _same(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False

"""The desk that sends deliveries: chooses how each file is written, soils it, writes it, and keeps the list of what must happen to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.files import Page, Row, Style, csv_bytes, pack, save, xls_bytes, xlsx_bytes
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.sheets import Batch, Column, Layout

Format = Literal["csv", "xlsx", "mixed"]
Mask = npt.NDArray[np.bool_]


@dataclass
class Desk:
    """Writes below `out/inbox` and remembers rejects and file states for `out/truth`."""

    out: Path
    seed: int
    mess: float
    fmt: Format
    rejects: list[tuple[str, str, str, int, str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0

    def deliver(self, batch: Batch) -> Mask:
        """Writes a batch and says which of its rows stand in the end: accepted at once, or repaired and resent."""
        rng = stream(self.seed, "desk", batch.feed, batch.period, batch.school, batch.stem)
        style = self._style(batch, rng)
        page = clean_page(batch)
        self._write(batch, page, style, batch.stem)
        return np.ones(batch.text.height, bool)

    def _style(self, batch: Batch, rng: Rng) -> Style:
        draw = rng.random()
        if self.fmt == "xlsx" or (self.fmt == "mixed" and not batch.bulk and draw < 0.55):
            if self.fmt == "mixed" and draw > 0.48:
                return Style("xls")
            return Style("xlsx", real_dates=bool(rng.random() < 0.4))
        encoding = str(rng.choice(["gb18030", "utf-8-sig", "utf-8"], p=[0.5, 0.3, 0.2]))
        return Style("csv", encoding)

    def _write(self, batch: Batch, page: Page, style: Style, stem: str) -> str:
        folder = f"{batch.feed}/{batch.school}/{batch.period}" if batch.school else f"{batch.feed}/{batch.period}"
        inner = f"{stem}.{style.kind}"
        if style.kind == "csv":
            data = csv_bytes(page, style)
        else:
            data = xlsx_bytes([page], style.real_dates) if style.kind == "xlsx" else xls_bytes([page])
        name = inner
        if style.pack:
            data = pack(data, inner, style.pack)
            name = f"{inner}.gz" if style.pack == "gz" else f"{stem}.zip"
        path = f"{folder}/{name}"
        save(self.out / "inbox" / path, data)
        if batch.sidecar:
            side = json.dumps(batch.sidecar, ensure_ascii=False, sort_keys=True)
            save(self.out / "inbox" / f"{path}.meta.json", side.encode())
        self.files.append((path, "loaded"))
        self.rows += page.body.height
        return path


def header_rows(layout: Layout, title: str) -> tuple[list[Row], list[tuple[int, int, int, int]]]:
    """Title, note and header rows of a layout with the merged areas (top, left, bottom, right)."""
    columns: Sequence[Column] = layout.columns
    width, levels = len(columns), layout.levels
    head: list[Row] = []
    merges: list[tuple[int, int, int, int]] = []
    for line in filter(None, (layout.title and f"{title}{layout.title}", layout.note)):
        merges.append((len(head), 0, len(head), width - 1))
        head.append([line, *[""] * (width - 1)])
    top = len(head)
    grid = [[""] * width for _ in range(levels)]
    for index, column in enumerate(columns):
        for level, text in enumerate(column.heads):
            before = columns[index - 1].heads if index else ()
            if level < len(column.heads) - 1 and before[: level + 1] == column.heads[: level + 1]:
                continue
            grid[level][index] = text
            right = index
            while (
                right + 1 < width
                and level < len(column.heads) - 1
                and columns[right + 1].heads[: level + 1] == column.heads[: level + 1]
            ):
                right += 1
            bottom = levels - 1 if level == len(column.heads) - 1 else level
            if right > index or bottom > level:
                merges.append((top + level, index, top + bottom, right))
    return head + [tuple(row) for row in grid], merges


def clean_page(batch: Batch) -> Page:
    """A batch as a sheet without any dirt."""
    head, merges = header_rows(batch.layout, batch.title)
    return Page(batch.layout.columns, head, batch.text.cast(pl.String), [], merges, batch.sheet)

"""The desk that sends deliveries: soils them, writes them, and keeps the list of what must happen to each row and file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.dirt_feeds import slips_for, spoils_for
from orchestration.simulate.fast_xlsx import fast_xlsx
from orchestration.simulate.files import Page, Style, csv_bytes, pack, save, xls_bytes, xlsx_bytes
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.sheets import Batch, Spoil
from orchestration.simulate.soil import apply, choose, soil
from orchestration.simulate.soil_file import soil_page
from orchestration.simulate.terms import EPOCH, iso

Format = Literal["csv", "xlsx", "mixed"]
Mask = npt.NDArray[np.bool_]
RESENT = 0.6
# Workbooks up to this size are written as Excel itself would write them.
EXCEL_LIKE = 120
FORMULA_COLUMNS = ("va_r", "height", "attended", "pupils", "media", "den")
# What stays in a correction besides the changed cell; the other cells may be left blank, and a blank overwrites nothing.
STAYS = frozenset(
    (
        "xjh", "idno", "number", "name", "sex", "grade", "klass", "klass_name", "check_date", "on", "code", "school_code", "school_name",
        "examined", "part", "serial", "birth", "title", "half", "at", "year", "stage", "snapshot", "status", "entered", "recommended",
        "expected", "attended", "place", "free", "organiser", "nation", "pupils",
    )
)  # fmt: skip


@dataclass
class _Prepared:
    """A sheet ready to be written: rejects as (row number, rule, column key), rows lost by them, rows wrong for now."""

    page: Page
    rejects: list[tuple[int, str, str]]
    lost: list[int]
    slipped: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    changed: list[str] = field(default_factory=list)


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
        return self.deliver_together([batch], batch.stem)[0]

    def deliver_together(self, batches: Sequence[Batch], stem: str) -> list[Mask]:
        """Writes batches as one file: sheets of one workbook, or CSV members of one archive."""
        first = batches[0]
        rng = stream(self.seed, "desk", first.feed, first.period, first.school, stem)
        style = self._style(first, rng)
        chance = min(0.4, self.mess * 6)
        if self.mess > 0:
            style = self._strange_style(style, first, chance, rng)
        if len(batches) > 1 and style.kind == "csv":
            style = replace(style, pack="zip")
        prepared = [self._prepare(batch, style, chance, rng) for batch in batches]
        path = self._write(first, [one.page for one in prepared], style, stem)
        if batches and all(len(one.lost) == batch.text.height for batch, one in zip(batches, prepared, strict=True)):
            self.files[-1] = (path, "rejected")
        for batch, one in zip(batches, prepared, strict=True):
            member = one.page.name + ".csv" if len(batches) > 1 else f"{stem}.{style.kind}"
            sheet = "" if style.kind == "csv" else one.page.name
            for where, rule, key in one.rejects:
                place = (
                    path,
                    member if style.pack == "zip" and (style.kind == "csv" or len(batches) == 1) else "",
                    sheet,
                )
                # A row without any key is reported under the key's first name, whichever of the three columns the sheet has.
                name = "学籍号" if rule == "pupil_key_missing" else batch.layout.official(key)
                self.rejects.append((*place, where, rule, name))
        if self.mess > 0 and rng.random() < chance * 0.15:
            self._copy(path)
        return [
            self._afterwards(batch, one, replace(style, pack=""), rng)
            for batch, one in zip(batches, prepared, strict=True)
        ]

    def _prepare(self, batch: Batch, style: Style, chance: float, rng: Rng) -> _Prepared:
        """The sheet as it will be written, with the rows that must be rejected and those that are wrong but will be corrected."""
        if self.mess <= 0 or batch.doomed or batch.spotless:
            soiling = soil_page(batch, rng, 0.0, {})
            rejects = [(int(n), *batch.doomed) for n in soiling.row_numbers] if batch.doomed else []
            return _Prepared(soiling.page, rejects, list(range(batch.text.height)) if batch.doomed else [])
        clean = batch.text
        harmless, harmful = spoils_for(batch.layout, batch.period, batch.bulk)
        formula = next((k for k in FORMULA_COLUMNS if k in clean.columns), "") if style.kind == "xlsx" else ""
        soiled = soil(clean, harmless, harmful, self.mess, formula, rng)
        untouched = np.setdiff1d(np.arange(clean.height), soiled.touched)
        slips = slips_for(batch.layout) if batch.mendable else ()
        slipped, chosen = self._some(untouched, clean, slips, chance, rng)
        text = apply(soiled.text, slips, slipped, chosen, rng)
        doubled, double_how = self._some(np.setdiff1d(untouched, slipped), clean, slips, chance * 0.5, rng)
        wrong = apply(clean, slips, doubled, double_how, rng)[doubled]
        pairs = {int(row): wrong.row(i, named=True) for i, row in enumerate(doubled)}
        soiling = soil_page(replace(batch, text=text), rng, chance, pairs)
        page, numbers = soiling.page, soiling.row_numbers
        index_of = {column.key: i for i, column in enumerate(page.columns)}
        for row, key in soiled.formulas:
            page.formulas[(int(numbers[row]) - len(page.head) - 1, index_of[key])] = "=4+0.9"
        rejects = [(int(numbers[row]), rule, key) for row, rule, key in soiled.rejects]
        lost = [row for row, _, _ in soiled.rejects]
        return _Prepared(page, rejects, lost, slipped, [slips[int(k)].key for k in chosen])

    def _afterwards(self, batch: Batch, sent: _Prepared, style: Style, rng: Rng) -> Mask:
        """What follows the first delivery: rejected rows repaired and sent again, wrong values corrected."""
        stands = np.ones(batch.text.height, bool)
        if sent.lost and not batch.doomed and (rng.random() < RESENT or batch.insist):
            again = replace(batch, text=batch.text[sent.lost], stem=f"{batch.stem}_重报")
            self._write(again, [soil_page(again, rng, 0.0, {}).page], style, again.stem)
        else:
            stands[sent.lost] = False
        if len(sent.slipped):
            self._correct(batch, sent.slipped, sent.changed, style, rng)
        return stands

    @staticmethod
    def _some(
        rows: npt.NDArray[np.int64], text: pl.DataFrame, slips: Sequence[Spoil], chance: float, rng: Rng
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """A few rows of a file of some length, with the slip each of them suffers."""
        none = np.zeros(0, np.int64)
        if len(rows) < 12 or not slips or rng.random() >= chance:
            return none, none
        few = np.sort(rng.choice(rows, min(len(rows) // 4, int(rng.integers(1, 6))), replace=False))
        chosen = choose(slips, text[few], rng)
        return few[chosen >= 0], chosen[chosen >= 0]

    def _correct(self, batch: Batch, rows: npt.NDArray[np.int64], changed: list[str], style: Style, rng: Rng) -> None:
        """A later file with the right values of a few rows: newer by its snapshot date, else by the version in its sidecar."""
        text = batch.text[rows]
        drop = [c for c in text.columns if c not in STAYS and c not in changed and rng.random() < 0.5]
        # The columns of the spine are one finding: who writes one of them again writes them all.
        drop = [c for c in drop if not c.startswith("spine")] + [
            c for c in text.columns if c.startswith("spine") and "spine" in drop
        ]
        text = text.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in drop)
        stem, sidecar = f"{batch.stem}_更正", {"version": 2}
        if "snapshot" in text.columns:
            day = (pl.Series([text["snapshot"][0]]).str.to_date()[0] - EPOCH).days + 25
            text = text.with_columns(snapshot=pl.lit(iso(day)))
            stem, sidecar = f"{iso(day).replace('-', '')}_{stem.split('_', 1)[1]}", {}
        later = replace(batch, text=text, stem=stem)
        path = self._write(later, [soil_page(later, rng, 0.0, {}).page], style, stem)
        if sidecar:
            save(self.out / "inbox" / f"{path}.meta.json", json.dumps(sidecar).encode())

    def _copy(self, path: str) -> None:
        """The same bytes once more in the same folder."""
        stem, dot, ending = path.partition(".")
        again = f"{stem}_副本{dot}{ending}"
        save(self.out / "inbox" / again, (self.out / "inbox" / path).read_bytes())
        self.files.append((again, "duplicate"))

    def _style(self, batch: Batch, rng: Rng) -> Style:
        draw = rng.random()
        if self.fmt == "xlsx" or (self.fmt == "mixed" and not batch.bulk and draw < 0.55):
            if self.fmt == "mixed" and draw > 0.48 and batch.text.height <= 400:
                return Style("xls")
            return Style("xlsx", real_dates=bool(rng.random() < 0.4))
        return Style("csv", str(rng.choice(["gb18030", "utf-8-sig", "utf-8"], p=[0.5, 0.3, 0.2])))

    def _strange_style(self, style: Style, batch: Batch, chance: float, rng: Rng) -> Style:
        packed = ("gz", "zip")[int(rng.integers(2))] if rng.random() < chance * 0.5 else ""
        if style.kind != "csv":
            return replace(style, pack=packed)
        draw = rng.random()
        if draw < chance and not batch.bulk:
            return Style("csv", "utf-16", "\t", packed)
        delimiter = "\t" if draw < chance * 1.6 else ";" if draw < chance * 2.2 else ","
        return replace(style, delimiter=delimiter, pack=packed)

    def _write(self, batch: Batch, pages: Sequence[Page], style: Style, stem: str) -> str:
        """Writes one file and returns its path below the inbox."""
        inner = f"{stem}.{style.kind}"
        if style.kind == "csv" and len(pages) > 1:
            members = {f"{page.name}.csv": csv_bytes(page, style) for page in pages}
        elif style.kind == "csv":
            members = {inner: csv_bytes(pages[0], style)}
        else:
            small = sum(page.body.height for page in pages) <= EXCEL_LIKE
            write = xlsx_bytes if small else fast_xlsx
            members = {inner: write(pages, style.real_dates) if style.kind == "xlsx" else xls_bytes(pages)}
        name = {"gz": f"{inner}.gz", "zip": f"{stem}.zip", "": inner}[style.pack]
        path = f"{batch.feed}/{batch.school}/{batch.period}/{name}"
        save(self.out / "inbox" / path, pack(members, style.pack) if style.pack else members[inner])
        self.files.append((path, "loaded"))
        self.rows += sum(page.body.height for page in pages)
        return path

    def stray(self, path: str, data: bytes, state: str) -> None:
        """A file that is no delivery, or an empty one."""
        save(self.out / "inbox" / path, data)
        self.files.append((path, state))

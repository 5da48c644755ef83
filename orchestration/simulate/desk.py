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
from orchestration.simulate.files import Page, Style, csv_bytes, pack, save, xls_bytes, xlsx_bytes
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.sheets import Batch, Spoil
from orchestration.simulate.soil import apply, choose, soil
from orchestration.simulate.soil_file import soil_page
from orchestration.simulate.terms import EPOCH, iso

Format = Literal["csv", "xlsx", "mixed"]
Mask = npt.NDArray[np.bool_]
RESENT = 0.6
FORMULA_COLUMNS = ("va_r", "height", "attended", "pupils")
# What stays in a correction besides the changed cell; the other cells may be left blank, and a blank overwrites nothing.
STAYS = frozenset(
    (
        "xjh", "idno", "number", "name", "sex", "grade", "klass", "klass_name", "check_date", "on", "code", "school_code", "school_name",
        "examined", "part", "serial", "birth", "title", "half", "at", "year", "stage", "snapshot", "status", "entered", "recommended",
        "expected", "attended", "place", "free", "organiser", "nation", "pupils",
    )
)  # fmt: skip


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
        if self.mess <= 0:
            self._write(batch, soil_page(batch, rng, 0.0, {}).page, style)
            return np.ones(batch.text.height, bool)
        return self._deliver_soiled(batch, style, rng)

    def _deliver_soiled(self, batch: Batch, style: Style, rng: Rng) -> Mask:
        chance = min(0.4, self.mess * 6)
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
        style = self._strange_style(style, batch, chance, rng)
        soiling = soil_page(replace(batch, text=text), rng, chance, pairs)
        page = soiling.page
        index_of = {column.key: i for i, column in enumerate(page.columns)}
        top = len(page.head)
        for row, key in soiled.formulas:
            page.formulas[(int(soiling.row_numbers[row]) - top - 1, index_of[key])] = "=4+0.9"
        path, member = self._write(batch, page, style)
        sheet = "" if style.kind == "csv" else batch.sheet
        for row, rule, key in soiled.rejects:
            where = int(soiling.row_numbers[row])
            self.rejects.append((path, member, sheet, where, rule, batch.layout.official(key)))
        stands = np.ones(clean.height, bool)
        lost = [row for row, _, _ in soiled.rejects]
        plain = replace(style, pack="")
        if lost and rng.random() < RESENT:
            self._write(replace(batch, text=clean[lost], stem=f"{batch.stem}_重报"), None, plain)
        else:
            stands[lost] = False
        if len(slipped):
            self._correct(batch, slipped, [slips[int(k)].key for k in chosen], plain, rng)
        if rng.random() < chance * 0.15:
            self._copy(path)
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
        text = text.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in drop)
        stem, sidecar = f"{batch.stem}_更正", {"version": 2}
        if "snapshot" in text.columns:
            day = (pl.Series([text["snapshot"][0]]).str.to_date()[0] - EPOCH).days + 25
            text = text.with_columns(snapshot=pl.lit(iso(day)))
            stem, sidecar = f"{iso(day).replace('-', '')}_{stem.split('_', 1)[1]}", {}
        path, _ = self._write(replace(batch, text=text, stem=stem), None, style)
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
            if self.fmt == "mixed" and draw > 0.48:
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

    def _write(self, batch: Batch, page: Page | None, style: Style) -> tuple[str, str]:
        """Writes one file; returns its path below the inbox and the member of the archive, if it is one."""
        page = page or soil_page(batch, np.random.default_rng(0), 0.0, {}).page
        inner = f"{batch.stem}.{style.kind}"
        if style.kind == "csv":
            data = csv_bytes(page, style)
        else:
            data = xlsx_bytes([page], style.real_dates) if style.kind == "xlsx" else xls_bytes([page])
        name = {"gz": f"{inner}.gz", "zip": f"{batch.stem}.zip", "": inner}[style.pack]
        path = f"{batch.feed}/{batch.school}/{batch.period}/{name}"
        save(self.out / "inbox" / path, pack(data, inner, style.pack) if style.pack else data)
        self.files.append((path, "loaded"))
        self.rows += page.body.height
        return path, inner if style.pack == "zip" else ""

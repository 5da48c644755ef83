"""Soils the rows of a batch: which rows are touched, by what, and what the sheet then says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.randomness import Rng
from orchestration.simulate.sheets import Spoil

HARMFUL_SHARE = 0.35
Rows = npt.NDArray[np.int64]


@dataclass
class Soiled:
    """Text after soiling; rejects as (row, rule, column key), formulas as (row, column key)."""

    text: pl.DataFrame
    rejects: list[tuple[int, str, str]]
    formulas: list[tuple[int, str]]
    touched: Rows


def choose(spoils: Sequence[Spoil], rows: pl.DataFrame, rng: Rng) -> npt.NDArray[np.int64]:
    """Draws one fitting spoil per row by weight; -1 where none fits."""
    if not spoils or not rows.height:
        return np.full(rows.height, -1)
    fits = rows.select(spoil.where.fill_null(False).alias(str(i)) for i, spoil in enumerate(spoils))
    weights = np.array([np.broadcast_to(fits[str(i)].to_numpy(), rows.height) * s.weight for i, s in enumerate(spoils)])
    total = weights.cumsum(axis=0)
    draw = rng.random(rows.height) * total[-1]
    chosen = (total <= draw).sum(axis=0)
    return np.where(total[-1] > 0, np.minimum(chosen, len(spoils) - 1), -1)


def apply(
    text: pl.DataFrame, spoils: Sequence[Spoil], rows: Rows, chosen: npt.NDArray[np.int64], rng: Rng
) -> pl.DataFrame:
    """Writes the chosen changes into the text."""
    edits: dict[str, tuple[list[int], list[str | None]]] = {}
    for index, spoil in enumerate(spoils):
        hit = rows[chosen == index]
        if not len(hit):
            continue
        part = text.select(spoil.keys)[hit]
        for key, values in spoil.edit({k: part[k].to_list() for k in spoil.keys}, rng).items():
            places, texts = edits.setdefault(key, ([], []))
            places.extend(int(h) for h in hit)
            texts.extend(values)
    changed = [text[key].scatter(places, pl.Series(texts, dtype=pl.String)) for key, (places, texts) in edits.items()]
    return text.with_columns(changed)


def soil(
    text: pl.DataFrame, harmless: Sequence[Spoil], harmful: Sequence[Spoil], mess: float, formula: str, rng: Rng
) -> Soiled:
    """Touches about `mess` of the rows, each once, about a third of them so that they must be rejected.

    Args:
        text: clean rows.
        harmless: strange spellings.
        harmful: mistakes.
        mess: share of rows touched.
        formula: key of a column in which a formula may stand instead of a value; empty where the file can't hold formulas.
        rng: stream.
    """
    touched = np.flatnonzero(rng.random(text.height) < mess)
    bad = rng.random(len(touched)) < HARMFUL_SHARE
    rows = text[touched]
    pick_bad = choose(harmful, rows, rng)
    pick_good = choose(harmless, rows, rng)
    bad &= pick_bad >= 0
    formulas: list[tuple[int, str]] = []
    rejects: list[tuple[int, str, str]] = []
    counted = bad & (rng.random(len(touched)) < 0.06) if formula else np.zeros(len(touched), bool)
    if formula:
        counted &= rows[formula].is_not_null().to_numpy()
    formulas = [(int(row), formula) for row in touched[counted]]
    rejects += [(int(row), "formula_cell", formula) for row in touched[counted]]
    spoilt = bad & ~counted
    rejects += [
        (int(row), harmful[k].rule, harmful[k].key) for row, k in zip(touched[spoilt], pick_bad[spoilt], strict=True)
    ]
    result = apply(text, harmful, touched, np.where(spoilt, pick_bad, -1), rng)
    result = apply(result, harmless, touched, np.where(~bad, pick_good, -1), rng)
    return Soiled(result, sorted(rejects), formulas, touched)

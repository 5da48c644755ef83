"""The attack on what is published: bounds every hidden cell as an outsider could who holds all files of both editions and the last release.

Reads controlled figures only and shares no code with the suppression. An outsider knows the method: which cells add up (sexes, grades and
residence to `all`, primary and junior to compulsory, schools to county to city to province, classes of an indicator to it), that counts are
whole, that a share's numerator is at most its denominator, how counts are rounded, what a tail word bounds, and, where two figures agree in
every cell that is shown, that they count the same pupils.

What is judged, of a cell hidden in the internal edition: its number of pupils, from the files of both editions. Of a cell hidden in the
public edition: its numerator, and its number of pupils where no other figure shows it, from the public files alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from orchestration.disclosure.bounds import Sums, merged, narrow, tighten
from orchestration.disclosure.evidence import (
    KEY,
    SIDES,
    Cells,
    Flags,
    Floats,
    Frame,
    Ints,
    Published,
    Said,
    alike,
    frame,
    gather,
    of_year,
    years,
)

# Repeated from the thresholds on purpose, as in the evidence.
ENOUGH = 5
BOUNDS = ["pupils_low", "pupils_high", "count_low", "count_high", "pupils_values", "count_values", "values"]
# Share of sums of one kind in a period that are contradicted before none of them is believed: single rows of real data do not add up.
_DOUBTED = 0.05
_NAMES = {"d": "pupils", "n": "count"}


class Attack:
    """An outsider with the files of one publication, prepared once for any number of attempts.

    Args:
        now: What is published, or is to be.
        last: Figures of the last release by edition, if there is one.
        edition: Whose hidden cells are attacked. The internal ones with the files of both editions, the public ones with public files.
    """

    def __init__(self, now: Published, last: Mapping[str, pl.DataFrame] | None = None, *, edition: str) -> None:
        self._edition = edition
        self._used = ["internal", "public"] if edition == "internal" else ["public"]
        self.evidence = gather(now, last, self._used)
        self._frame: tuple[Ints, Frame] | None = None

    @property
    def cells(self) -> pl.DataFrame:
        """Keys of the cells that count pupils; their row numbers are what `hidden` and `among` are about."""
        return self.evidence.now.keys

    def alike(self, hidden: Flags) -> Ints:
        """Class of each measure as exact figures show it with these cells hidden; public figures are rounded and show none."""
        return alike(self.evidence, hidden if self._edition == "internal" else None)

    def bounds(
        self,
        hidden: Flags | None = None,
        *,
        classes: Ints | None = None,
        among: Flags | None = None,
        solve: bool = True,
    ) -> pl.DataFrame:
        """Bounds the hidden cells.

        Args:
            hidden: Cells that would be hidden beside those that are.
            classes: Which measures look alike; found from the figures without it.
            among: The cells to attack; all that are hidden without it.
            solve: Also bound by linear programming; without it by propagation alone, which is quick and sees less.

        Returns:
            One row per hidden cell: its number `cell`, `pupils_low`, `pupils_high`, `count_low`, `count_high` (numerator; null where it
            is no number of pupils), `pupils_values` and `count_values` (how many are possible; null where it is not judged), and
            `values`, the fewer of them. Bounds of a cell with enough values are some that were seen, not the widest.
        """
        cells = self.evidence.now
        gone = np.zeros(cells.keys.height, dtype=np.bool_) if hidden is None else hidden
        asked = np.flatnonzero((cells.said[self._edition].hidden | gone) & (True if among is None else among))
        if not len(asked):
            return pl.DataFrame(schema={"cell": pl.Int64} | dict.fromkeys(BOUNDS, pl.Float64))
        ties = self._tied(self.alike(gone) if classes is None else classes)
        known = _Known(ties, [_bounds_of(ties.at, ties.nodes, cells, cells.said[e].without(gone)) for e in self._used])
        known = known.within(None if among is None else np.unique(ties.group[ties.at["d"][asked]]))
        known = known.believed()
        last = self.evidence.last
        if last is not None:
            known.remember([_bounds_of(ties.was, ties.nodes, last, last.said[e]) for e in self._used])
        return self._bounded(known, asked, solve=solve)

    def _tied(self, classes: Ints) -> Frame:
        if self._frame is None or not np.array_equal(self._frame[0], classes):
            self._frame = (classes, frame(self.evidence, classes))
        return self._frame[1]

    def _bounded(self, known: _Known, asked: Ints, *, solve: bool) -> pl.DataFrame:
        """Bounds by propagation, and by linear programming where that leaves it open whether enough values remain."""
        at = {side: known.number[known.frame.at[side][asked]] for side in SIDES}
        there = known.frame.at["n"][asked] >= 0
        if self._edition == "internal":
            # What the last release showed already is no secret.
            judged = {"d": ~known.open[at["d"]], "n": np.zeros(len(asked), dtype=np.bool_)}
        else:
            # A number that another figure shows (the examined are the denominator of what was found) is no secret of this one.
            shown = known.told | known.open
            judged = {"d": ~shown[at["d"]], "n": there & ~shown[at["n"]]}
        sums, number = merged(known.sums)
        low, high = np.zeros(sums.nodes), np.full(sums.nodes, np.inf)
        np.maximum.at(low, number, known.low)
        np.minimum.at(high, number, known.high)
        low = np.minimum(low, high)
        low, high = tighten(sums, number[known.inner], number[known.outer], low, high)
        if solve:
            # In rounded figures every number that is shown has several possible values, and combining sums adds them up: one cell comes
            # out narrow only where a sum of its own is narrow. Exact figures have no such slack; there nothing is taken on trust.
            wide = np.inf if self._edition == "internal" else 2.0 * ENOUGH
            doubtful = np.unique(number[np.concatenate([at[s][judged[s]] for s in SIDES])])
            left = high[doubtful] - low[doubtful] + 1
            within = (number[known.inner], number[known.outer])
            low, high = narrow(sums, low, high, doubtful[(left >= ENOUGH) & (left < wide)], ENOUGH, within)
        table: dict[str, Ints | Floats] = {"cell": asked}
        for side in SIDES:
            own = number[at[side]]
            exists = there if side == "n" else np.ones(len(asked), dtype=np.bool_)
            table[f"{_NAMES[side]}_low"] = np.where(exists, low[own], np.nan)
            table[f"{_NAMES[side]}_high"] = np.where(exists, high[own], np.nan)
        for side in SIDES:
            table[f"{_NAMES[side]}_values"] = np.where(
                judged[side], high[number[at[side]]] - low[number[at[side]]] + 1, np.nan
            )
        return (
            pl.DataFrame(table)
            .with_columns(pl.col(pl.Float64).fill_nan(None))
            .with_columns(values=pl.min_horizontal("pupils_values", "count_values"))
        )


def _bounds_of(at: Mapping[str, Ints], nodes: int, cells: Cells, said: Said) -> tuple[Floats, Floats, Flags]:
    """What all cells of an edition say of each node together."""
    low, high, told = np.zeros(nodes), np.full(nodes, np.inf), np.zeros(nodes, dtype=np.bool_)
    for side in SIDES:
        there = at[side] >= 0
        own = at[side][there]
        np.maximum.at(low, own, said.low[side][there])
        np.minimum.at(high, own, said.high[side][there])
        told[own[said.told[side][there]]] = True
    return low, high, told


class _Known:
    """What is known of the nodes: bounds, which of them some figure tells, which the last release told (`open`), and the sums that hold."""

    def __init__(self, ties: Frame, said: list[tuple[Floats, Floats, Flags]]) -> None:
        self.frame = ties
        self.number = np.arange(ties.nodes)
        self.low = np.max([low for low, _, _ in said], axis=0)
        self.high = np.min([high for _, high, _ in said], axis=0)
        self.told = np.any([told for _, _, told in said], axis=0)
        self.open = np.zeros(ties.nodes, dtype=np.bool_)
        self.sums, self.kind = ties.sums, ties.kind
        self.inner, self.outer = ties.inner, ties.outer
        self._chosen: Flags | None = None

    def within(self, groups: Ints | None) -> _Known:
        """Only these groups of nodes, numbered anew."""
        if groups is None:
            return self
        ties = self.frame
        chosen = np.isin(ties.group, groups)
        self._chosen = chosen
        self.number = np.where(chosen, np.cumsum(chosen) - 1, 0)
        self.low, self.high, self.told = self.low[chosen], self.high[chosen], self.told[chosen]
        self.open = self.open[chosen]
        self._keep(chosen[ties.sums.parent])
        pairs = chosen[ties.inner]
        self.inner, self.outer = self.number[ties.inner[pairs]], self.number[ties.outer[pairs]]
        self.sums = Sums(self.sums.row, self.number[self.sums.child], self.number[self.sums.parent], int(chosen.sum()))
        return self

    def believed(self) -> _Known:
        """Without the sums which what is shown contradicts, or all of a kind in a period where that is often so: then they do not add up."""
        rows = len(self.sums.parent)
        least = np.bincount(self.sums.row, weights=self.low[self.sums.child], minlength=rows)
        most = np.bincount(self.sums.row, weights=self.high[self.sums.child], minlength=rows)
        wrong = (least > self.high[self.sums.parent]) | (most < self.low[self.sums.parent])
        if wrong.any():
            often = np.bincount(self.kind, weights=wrong) > _DOUBTED * np.bincount(self.kind)
            self._keep(~(wrong | often[self.kind]))
        return self

    def _keep(self, rows: Flags) -> None:
        entries = rows[self.sums.row]
        order = np.cumsum(rows) - 1
        self.sums = Sums(
            order[self.sums.row[entries]], self.sums.child[entries], self.sums.parent[rows], self.sums.nodes
        )
        self.kind = self.kind[rows]

    def remember(self, said: list[tuple[Floats, Floats, Flags]]) -> None:
        """What the last release showed still holds where nothing around it moved: every sum it is part of shows the same as before."""
        was_low, was_high = np.max([low for low, _, _ in said], axis=0), np.min([high for _, high, _ in said], axis=0)
        if self._chosen is not None:
            was_low, was_high = was_low[self._chosen], was_high[self._chosen]
        shown, was = np.isfinite(self.high), np.isfinite(was_high)
        still = shown & was & (self.low == was_low) & (self.high == was_high)
        # A sum is quiet when its whole is shown unchanged and no shown part of it moved.
        sums, nodes = self.sums, self.sums.nodes
        moved = np.bincount(sums.row, weights=(shown & ~still)[sums.child], minlength=len(sums.parent)) > 0
        quiet = still[sums.parent] & ~moved
        in_sums = np.bincount(sums.child, minlength=nodes)
        in_quiet = np.bincount(sums.child, weights=quiet[sums.row], minlength=nodes)
        self.open = ~shown & was & (in_sums > 0) & (in_quiet == in_sums)
        self.low = np.where(self.open, np.maximum(self.low, was_low), self.low)
        self.high = np.where(self.open, np.minimum(self.high, was_high), self.high)


def attack(now: Published, last: Mapping[str, pl.DataFrame] | None = None, *, edition: str) -> pl.DataFrame:
    """Bounds every hidden cell of an edition; the columns of `Attack.bounds`, with the key of the cell instead of its number."""
    attempt = Attack(now, last, edition=edition)
    bounds = attempt.bounds()
    keys = attempt.cells[bounds["cell"].to_numpy()]
    return pl.concat([keys, bounds.drop("cell")], how="horizontal").sort(KEY)


def breaches(bounds: pl.DataFrame) -> pl.DataFrame:
    """The hidden cells of which too few values remain."""
    return bounds.filter(pl.col("values") < ENOUGH)


def given_away(now: Published, last: Mapping[str, pl.DataFrame] | None, *, edition: str) -> pl.DataFrame:
    """Keys of cells the last release hides and gives away by itself (it was cut under a weaker rule): no later release can take that back."""
    if not last:
        return pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))
    return breaches(attack(replace(now, figures=last), edition=edition)).select(KEY)


def open_cells(now: Published, last: Mapping[str, pl.DataFrame] | None = None, *, edition: str) -> pl.DataFrame:
    """Keys of the hidden cells of an edition that can be worked out, but for those the last release has given away already.

    School year by school year, as they were hidden: no number of one says anything of another one's.
    """
    found = [pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))]
    for year in years(now.figures):
        before = {name: of_year(table, year) for name, table in last.items()} if last else None
        cells = breaches(attack(now.of(year), before, edition=edition))
        if cells.height:
            cells = cells.join(given_away(now.of(year), before, edition=edition), on=KEY, how="anti")
        found.append(cells.select(KEY))
    return pl.concat(found)


def shown_again(now: Published, last: Mapping[str, pl.DataFrame] | None, *, edition: str) -> pl.DataFrame:
    """Keys of cells the last release hid and this one shows: what was hidden stays hidden."""
    if not last:
        return pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))
    hid = last[edition].filter(pl.col("status") == "suppressed").select(KEY)
    return now.figures[edition].filter(pl.col("status") != "suppressed").select(KEY).join(hid, on=KEY, how="semi")

"""Complementary suppression: which further cells are hidden, so that no hidden one can be worked out from the rest.

First set-wise: wherever exactly one member of a sum is hidden, a second one is, the cheapest first. Then the attack is run on what would be
published, and around every cell of which it leaves too few values another one is hidden, until none is left. Both are deterministic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from orchestration.config import ConfigError
from orchestration.disclosure.attack import ENOUGH, Attack, given_away
from orchestration.disclosure.evidence import Published, of_year
from orchestration.disclosure.structure import (
    CLASSES,
    KEY,
    SCHOOL,
    SUMS,
    Flags,
    Ints,
    Places,
    Structure,
    known,
    places,
    structure,
)

_ROUNDS = 200
# How often an indicator may be found open in one period before it says nothing there. Outside, where every sum is loose by rounding, hiding
# one more cell can open the next without end; inside, an indicator's pupils are those of others, and it is silenced only as the last resort.
_PATIENCE = {"internal": _ROUNDS, "public": 8}


class NotProtected(ConfigError):
    """Cells stay open to the attack though everything around them is hidden."""


@dataclass(frozen=True)
class Inner:
    """What suppression starts from: per edition the cells with true numbers and `hidden`, beside the figures as they would be shown."""

    cells: Mapping[str, pl.DataFrame]
    figures: Mapping[str, pl.DataFrame]
    schools: pl.DataFrame
    areas: pl.DataFrame
    indicators: pl.DataFrame

    def of(self, year: str) -> Inner:
        """One school year: no number of it says anything of another one's."""
        return Inner(
            {edition: of_year(table, year) for edition, table in self.cells.items()},
            {edition: of_year(table, year) for edition, table in self.figures.items()},
            of_year(self.schools, year), self.areas, self.indicators,
        )  # fmt: skip


@dataclass(frozen=True)
class _Cells:
    """Cells of an edition with the nodes they show: of the denominator, of a numerator that is another's denominator, of their own."""

    pupils: Structure
    pupils_at: Ints
    count_at: Ints
    own: Structure
    own_at: Ints

    def secret(self, hidden: Flags) -> Flags:
        """Numbers of pupils that no cell shows, be it as denominator or as numerator."""
        nodes = np.ones(len(self.pupils.value) + 1, dtype=np.bool_)
        nodes[self.pupils_at[~hidden]] = False
        nodes[self.count_at[~hidden]] = False
        return nodes[:-1]

    def showing(self, nodes: Flags) -> Flags:
        """Cells that show one of these numbers of pupils."""
        return np.asarray(nodes[self.pupils_at] | np.append(nodes, False)[self.count_at], dtype=np.bool_)

    def closed(self, hidden: Flags, *, by_size: bool) -> Flags:
        """With every cell also those that show the same number of pupils, under whatever indicator or place.

        Not `by_size`, as in the public edition, where a number that is shown is a rounded one: whether it tells too much of one that is
        hidden the attack finds out.
        """
        while by_size:
            nodes = np.zeros(len(self.own.value), dtype=np.bool_)
            nodes[self.own_at[hidden]] = True
            sizes = np.zeros(len(self.pupils.value) + 1, dtype=np.bool_)
            sizes[self.pupils_at[hidden]] = True
            sizes[-1] = False
            more = hidden | nodes[self.own_at] | sizes[self.pupils_at] | sizes[self.count_at]
            if np.array_equal(more, hidden):
                break
            hidden = more
        return hidden


@dataclass(frozen=True)
class _Numbers:
    """Cells of an edition in the order of the attack, as numbers."""

    indicator: Ints
    numerator: Ints
    denominator: Ints
    where: Places
    classes: list[list[int]]
    sums: list[list[int]]

    @property
    def parts(self) -> list[int]:
        """Numerators that stand in a sum with denominators."""
        return [measure for sum_ in self.sums for measure in sum_ if measure % 2]

    def prepare(self, classes: Ints) -> _Cells:
        """Cells and their nodes, where these measures (denominator and numerator of each indicator in turn) count the same pupils."""
        d, n = classes[2 * self.indicator], classes[2 * self.indicator + 1]
        at = self.where.of_cell
        # A numerator that is nobody's denominator stands behind the last node, which is never hidden.
        counted = np.isin(n, classes[::2]) | np.isin(2 * self.indicator + 1, self.parts)
        pupils, nodes = structure(
            self.where, np.append(d, n[counted]), np.append(at, at[counted]),
            np.append(self.denominator, self.numerator[counted]),
            [kinds for kinds in (classes[sum_].tolist() for sum_ in self.sums) if len(set(kinds)) == len(kinds)],
        )  # fmt: skip
        count_at = np.full(len(at), len(pupils.value))
        count_at[counted] = nodes[len(at) :]
        own, own_at = structure(self.where, self.indicator, at, self.numerator, self.classes)
        return _Cells(pupils, nodes[: len(at)], count_at, own, own_at)


def suppress(inner: Inner, last: Mapping[str, pl.DataFrame] | None = None) -> dict[str, pl.DataFrame]:
    """The cells of one school year to hide, primary and complementary alike.

    Whatever the internal edition hides the public one hides, too, and what the last release hid stays hidden: shown today it would say
    what was hidden yesterday.

    Returns:
        By edition the keys of all hidden cells about pupils.

    Raises:
        NotProtected: a cell cannot be protected by hiding others.
    """
    hidden: dict[str, pl.DataFrame] = {}
    shown: Mapping[str, pl.DataFrame] = inner.figures
    for edition in ("internal", "public"):
        audit = _Audit(replace(inner, figures=shown), last, edition)
        carried = [hidden["internal"]] if hidden else []
        carried += [last[edition].filter(pl.col("status") == "suppressed").select(KEY)] if last else []
        keys = audit.closed(carried)
        hidden[edition] = keys
        # What the internal edition hides the public one does not show, either.
        shown = {name: _masked(figures, keys) for name, figures in shown.items()}
    return hidden


def _marked(table: pl.DataFrame, keys: pl.DataFrame) -> Flags:
    there = keys.select(KEY).unique().with_columns(there=pl.lit(True))
    return table.select(KEY).join(there, on=KEY, how="left", maintain_order="left")["there"].fill_null(False).to_numpy()


def _paired(cells: _Cells, hidden: Flags, remembered: Flags) -> Flags:
    """Hides a second member of every sum in which one alone is hidden, until there is none."""
    s = cells.pupils
    while True:
        nodes = cells.secret(hidden)
        secret = nodes & ~remembered
        lonely = np.bincount(s.row, weights=secret[s.node], minlength=len(s.way)) == 1
        # A cell that stands alone in several sums at once is the better choice: one more cell serves them all.
        serves = np.bincount(s.node, weights=lonely[s.row], minlength=len(s.value))
        entries = pl.DataFrame({"row": s.row, "node": s.node}).filter(
            pl.Series(lonely[s.row] & ~nodes[s.node] & ~remembered[s.node])
        )
        if entries.is_empty():
            return hidden
        way = s.way[entries["row"].to_numpy()]
        at = entries["node"].to_numpy()
        best = (
            entries.with_columns(
                way=pl.Series(way),
                cost=pl.Series(s.cost[at]),
                serves=pl.Series(-serves[at]),
                value=pl.Series(s.value[at]),
            )
            .filter(pl.col("way") == pl.col("way").min())
            .sort("row", pl.col("cost") > SCHOOL, "serves", "cost", "value", "node")
            .unique("row", keep="first", maintain_order=True)
        )
        picked = np.zeros(len(s.value), dtype=np.bool_)
        picked[best["node"].to_numpy()] = True
        hidden = cells.closed(hidden | cells.showing(picked), by_size=True)


def _hidden_nodes(s: Structure, at: Ints, hidden: Flags) -> Flags:
    """Nodes that no cell shows."""
    nodes = np.ones(len(s.value), dtype=np.bool_)
    nodes[at[~hidden]] = False
    return nodes


def _masked(figures: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """Figures as they are published with these cells hidden."""
    gone = pl.Series(_marked(figures, hidden))
    empty = ("numerator", "denominator", "value_text_rule")
    return figures.with_columns(
        *(pl.when(gone).then(None).otherwise(c).alias(c) for c in empty),
        status=pl.when(gone).then(pl.lit("suppressed")).otherwise("status"),
        rounded=pl.col("rounded") & ~gone,
    )


@dataclass(frozen=True)
class _Seen:
    """Which measures look alike to whoever compares what is shown, with the sums that follow and the numbers that are no secret."""

    classes: Ints
    cells: _Cells
    remembered: Flags


class _Audit:
    """One edition of one school year, hidden further and attacked again until the attack finds nothing."""

    def __init__(self, inner: Inner, last: Mapping[str, pl.DataFrame] | None, edition: str) -> None:
        self._published = Published(inner.figures, inner.schools, inner.areas, inner.indicators)
        self._attack = Attack(self._published, last, edition=edition)
        self._last, self._edition, self._by_size = last, edition, edition == "internal"
        self._lost: Flags | None = None
        keys = self._attack.cells
        # A key that stands twice is a fault the gate finds; here it is one cell, hidden where either is.
        cells = (
            inner.cells[edition]
            .sort("hidden", descending=True, maintain_order=True)
            .unique(KEY, keep="first", maintain_order=True)
        )
        self._table = keys.join(cells, on=KEY, how="left", maintain_order="left")
        where = places(keys, inner.schools, inner.areas)
        now = self._attack.evidence
        together = [[now.indicators.index(code) for code in kinds if code in now.indicators] for kinds in CLASSES]
        measures = [[now.measure(name) for name in names] for names in SUMS]
        sums = [[m for m in every if m is not None] for every in measures if None not in every]
        self._numbers = _Numbers(
            now.now.indicator, self._whole("numerator"), self._whole("denominator"), where, together, sums
        )
        self._group = keys.select(pl.struct("indicator", "period").rank("dense").cast(pl.Int64)).to_series().to_numpy()

    def _whole(self, side: str) -> Ints:
        return np.asarray(self._table[side].fill_null(0).cast(pl.Int64).to_numpy())

    def closed(self, carried: list[pl.DataFrame]) -> pl.DataFrame:
        """Keys of the cells to hide, starting from the primary ones and those that are `carried` over.

        Propagation goes first, being quick; then the whole attack. Between attacks on everything only what was open and what is newly hidden
        is attacked again, since hiding a cell seldom tells more of another one; the last attack is on everything. Which measures look alike
        depends on what is shown: the fewer cells are, the more measures do to whoever compares them.
        """
        hidden = self._table["hidden"].to_numpy().copy()
        for keys in carried:
            hidden |= _marked(self._table, keys)
        seen = self._seen(hidden)
        attacked, among, solve = hidden, None, False
        tried = np.zeros(self._group.max(initial=0) + 1, dtype=np.int64)
        for _ in range(_ROUNDS):
            hidden = seen.cells.closed(hidden, by_size=self._by_size)
            if self._by_size:
                hidden = _paired(seen.cells, hidden, seen.remembered)
            if among is not None:
                among |= hidden & ~attacked
            found = self._open(hidden, seen.classes, among, solve=solve)
            attacked = hidden
            if found.height:
                among = np.zeros(len(hidden), dtype=np.bool_)
                among[found["cell"].to_numpy()] = True
                hidden = self._wider(seen.cells, hidden, found, tried)
                continue
            again = self._seen(hidden, seen)
            if again is seen and solve and among is None:
                return self._table.filter(pl.Series(hidden)).select(KEY)
            solve = solve or again is seen
            seen, among = again, None
        raise NotProtected(
            f"仍有 {found.height} 个已隐去的单元格可以推算出来（{self._edition}）。"
            " (Hidden cells remain open to the attack.)"
        )

    def _seen(self, hidden: Flags, before: _Seen | None = None) -> _Seen:
        """Which measures look alike with these cells hidden, and the sums that follow; the same object where nothing changed."""
        classes = self._attack.alike(hidden)
        if before is not None and np.array_equal(classes, before.classes):
            return before
        cells = self._numbers.prepare(classes)
        return _Seen(classes, cells, self._remembered(cells))

    def _open(self, hidden: Flags, classes: Ints, among: Flags | None, *, solve: bool) -> pl.DataFrame:
        """Bounds of the cells of which too few values remain, but for those the last release has given away."""
        bounds = self._attack.bounds(hidden, classes=classes, among=among, solve=solve)
        found = bounds.filter(pl.col("values") < ENOUGH)
        if found.is_empty() or not self._last:
            return found
        if self._lost is None:
            self._lost = _marked(self._table, given_away(self._published, self._last, edition=self._edition))
        return found.filter(~pl.Series(self._lost[found["cell"].to_numpy()]))

    def _wider(self, cells: _Cells, hidden: Flags, found: pl.DataFrame, tried: Ints) -> Flags:
        """With one more cell hidden around each open one; an indicator that is found open again and again says nothing in that period."""
        groups = np.unique(self._group[found["cell"].to_numpy()])
        tried[groups] += 1
        more = _wider(cells, hidden, found, by_size=self._by_size)
        stuck = np.array_equal(more, hidden)
        given_up = groups if stuck else groups[tried[groups] > _PATIENCE[self._edition]]
        return more | np.isin(self._group, given_up)

    def _remembered(self, cells: _Cells) -> Flags:
        """Numbers of pupils that everybody has read in the last release and that did not move since."""
        before = np.full(len(cells.pupils.value), np.nan)
        if self._last:
            old = self._last["internal"].select(*KEY, was="denominator")
            was = self._table.select(KEY).join(old, on=KEY, how="left", maintain_order="left")["was"]
            told = was.is_not_null().to_numpy()
            before[cells.pupils_at[told]] = was.drop_nulls().to_numpy()
        return known(cells.pupils, before)


def _wider(cells: _Cells, hidden: Flags, found: pl.DataFrame, *, by_size: bool) -> Flags:
    """With one more cell around each that the attack has bounded too closely."""
    pupils, counts = (
        found.filter(pl.col(judged) < ENOUGH)["cell"].to_numpy() for judged in ("pupils_values", "count_values")
    )
    sizes, own = cells.secret(hidden), _hidden_nodes(cells.own, cells.own_at, hidden)
    at = cells.count_at[counts]
    # The number itself goes first, wherever it is shown: in another place, or as the denominator of another figure.
    open_sizes = np.unique(np.append(cells.pupils_at[pupils], at[at < len(sizes)]))
    open_own = np.unique(cells.own_at[counts])
    more = hidden | np.isin(cells.own_at, open_own)
    picked = _picked(cells.pupils, sizes, open_sizes[sizes[open_sizes]])
    picked[open_sizes] = True
    more |= cells.showing(picked)
    more |= _picked(cells.own, own, open_own[own[open_own]])[cells.own_at]
    return cells.closed(more, by_size=by_size)


def _picked(s: Structure, nodes: Flags, open_nodes: Ints) -> Flags:
    """The cheapest shown member of the tightest sum of each open node; where all are hidden already, of the sums around those."""
    members = pl.DataFrame({"row": s.row, "node": s.node}).with_columns(
        hidden=pl.Series(nodes[s.node]), cost=pl.Series(s.cost[s.node]), value=pl.Series(s.value[s.node])
    )
    secret = members.filter("hidden").group_by("row").agg(secret=pl.col("value").sum())
    picked = np.zeros(len(s.value), dtype=np.bool_)
    asked = pl.DataFrame({"asked": open_nodes, "node": open_nodes})
    for _ in range(len(s.way)):
        around = asked.join(members.select("row", "node"), on="node").join(secret, on="row").drop("node")
        best = (
            around.join(members.filter(~pl.col("hidden")), on="row")
            .sort("asked", "secret", "cost", "value", "node")
            .unique("asked", keep="first", maintain_order=True)
        )
        picked[best["node"].to_numpy()] = True
        stuck = around.join(best, on="asked", how="anti")
        wider = pl.concat(
            [
                asked.join(stuck, on="asked", how="semi"),
                stuck.join(members.select("row", "node"), on="row").select("asked", "node"),
            ]
        ).unique()
        if stuck.is_empty() or wider.height == asked.height:
            return picked
        asked = wider.sort("asked", "node")
    return picked

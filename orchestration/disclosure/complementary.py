"""Complementary suppression: which further cells are hidden, so that no hidden one can be worked out from the rest.

First set-wise: wherever exactly one member of a sum is hidden, a second one is, the cheapest first. Then the attack is run on what would be
published, and around every cell of which it leaves too few values another one is hidden, until none is left. Both are deterministic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from orchestration.config import ConfigError
from orchestration.disclosure import attack
from orchestration.disclosure.structure import (
    KEY,
    PLACE,
    SCHOOL,
    Flags,
    Ints,
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


@dataclass(frozen=True)
class _Cells:
    """Cells of an edition with the nodes they show: of the denominator, of a numerator that is another's denominator, of their own."""

    table: pl.DataFrame
    pupils: Structure
    pupils_at: Ints
    count_at: Ints
    own: Structure
    own_at: Ints

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


def _prepare(table: pl.DataFrame, classes: pl.DataFrame, inner: Inner) -> _Cells:
    """Cells and their nodes, where these measures count the same pupils."""
    schools, areas = inner.schools, inner.areas
    denominators, numerators = (
        classes.filter(pl.col("measure").str.ends_with(side)).select(
            pl.col("measure").str.head(-2).alias("indicator"), pl.col("same").alias(side[1:])
        )
        for side in ("/d", "/n")
    )
    numerators = numerators.join(denominators.select(n="d").unique(), on="n", how="semi")
    table = table.drop("d", "n", strict=False).join(denominators, on="indicator", how="left", maintain_order="left")
    table = table.join(numerators, on="indicator", how="left", maintain_order="left")
    spots, at = places(table, "denominator", "d")
    pupils, node = structure(spots, schools, areas)
    counted = table.select(pl.col("n").alias("quantity"), *PLACE).join(
        spots.drop("value"), on=["quantity", *PLACE], how="left", maintain_order="left"
    )["spot"]
    # A numerator that is nobody's denominator stands behind the last node, which is never hidden.
    count_at = np.append(node, len(pupils.value))[counted.fill_null(spots.height).to_numpy().astype(np.int64)]
    own_spots, own_at = places(table, "numerator", "indicator")
    own, own_node = structure(own_spots, schools, areas)
    return _Cells(table, pupils, node[at.to_numpy()], count_at, own, own_node[own_at.to_numpy()])


def suppress(inner: Inner, last: Mapping[str, pl.DataFrame] | None = None) -> dict[str, pl.DataFrame]:
    """The cells to hide, primary and complementary alike.

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
        table = inner.cells[edition]
        first = table["hidden"].to_numpy().copy()
        for carried in (hidden.get("internal"), _suppressed(last[edition]) if last else None):
            if carried is not None:
                first |= _marked(table, carried)
        shown, every = _audited(table, first, edition, replace(inner, figures=shown), last)
        hidden[edition] = table.filter(pl.Series(every)).select(KEY)
    return hidden


def _suppressed(figures: pl.DataFrame) -> pl.DataFrame:
    return figures.filter(pl.col("status") == "suppressed").select(KEY)


def _marked(table: pl.DataFrame, keys: pl.DataFrame) -> Flags:
    there = keys.select(KEY).unique().with_columns(there=pl.lit(True))
    return table.select(KEY).join(there, on=KEY, how="left", maintain_order="left")["there"].fill_null(False).to_numpy()


def _remembered(cells: _Cells, last: Mapping[str, pl.DataFrame] | None) -> Flags:
    """Numbers of pupils that everybody has read in the last release and that did not move since."""
    before = np.full(len(cells.pupils.value), np.nan)
    if last:
        old = last["internal"].select(*KEY, was="denominator")
        was = cells.table.select(KEY).join(old, on=KEY, how="left", maintain_order="left")["was"]
        told = was.is_not_null().to_numpy()
        before[cells.pupils_at[told]] = was.drop_nulls().to_numpy()
    return known(cells.pupils, before)


def _paired(cells: _Cells, hidden: Flags, remembered: Flags) -> Flags:
    """Hides a second member of every sum in which one alone is hidden, until there is none."""
    s = cells.pupils
    while True:
        nodes = _hidden_nodes(s, cells.pupils_at, hidden)
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
        hidden = cells.closed(hidden | picked[cells.pupils_at], by_size=True)


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


def _audited(
    table: pl.DataFrame, hidden: Flags, edition: str, inner: Inner, last: Mapping[str, pl.DataFrame] | None
) -> tuple[Mapping[str, pl.DataFrame], Flags]:
    """Hides more until the attack finds nothing; the figures as they are then published, and the hidden cells.

    Propagation goes first, being quick; then the whole attack. Hiding a cell never tells more of another one, so between whole attacks
    only what was open and what is newly hidden is attacked again. The last attack is a whole one.
    """
    lists = (inner.schools, inner.areas, inner.indicators)
    by_size = edition == "internal"
    lost = attack.given_away(attack.Published(inner.figures, *lists), last, edition=edition)
    among: pl.DataFrame | None = None
    classes: pl.DataFrame | None = None
    attacked, solve = np.zeros(len(hidden), dtype=np.bool_), False
    tried: Counter[tuple[str, str]] = Counter()
    for _ in range(_ROUNDS):
        # The fewer cells are shown, the more measures look alike to whoever compares them.
        seen = (
            _masked(inner.figures["internal"], table.filter(pl.Series(hidden)))
            if by_size
            else inner.figures["internal"]
        )
        alike = attack.alike(seen, inner.indicators)
        if classes is None or not classes.equals(alike):
            classes = alike
            cells = _prepare(table, classes, inner)
            remembered = _remembered(cells, last)
            hidden = cells.closed(hidden, by_size=by_size)
        if by_size:
            hidden = _paired(cells, hidden, remembered)
        keys = table.filter(pl.Series(hidden)).select(KEY)
        # What the internal edition hides the public one does not show, either.
        masked = ("internal", "public") if by_size else ("public",)
        shown = dict(inner.figures) | {name: _masked(inner.figures[name], keys) for name in masked}
        if among is not None:
            among = pl.concat([among, table.filter(pl.Series(hidden & ~attacked)).select(KEY)]).unique()
        bounds = attack.attack(attack.Published(shown, *lists), last, edition=edition, among=among, solve=solve)
        attacked = hidden
        found = attack.breaches(bounds)
        if lost is not None:
            found = found.join(lost, on=KEY, how="anti")
        if found.is_empty():
            if solve and among is None:
                return shown, hidden
            solve, among = True, None
        else:
            among = found.select(KEY)
            more = _wider(cells, hidden, found, by_size=by_size)
            groups = found.select("indicator", "period").unique().rows()
            tried.update(groups)
            stuck = np.array_equal(more, hidden)
            if given_up := [g for g in groups if stuck or tried[g] > _PATIENCE[edition]]:
                # Nothing is left to hide around them, or no end to it: the indicator says nothing in that period.
                whole = pl.DataFrame(given_up, schema=["indicator", "period"], orient="row")
                silent = _marked(table, table.join(whole, on=["indicator", "period"], how="semi"))
                more = cells.closed(more | silent, by_size=by_size)
            hidden = more
    raise NotProtected(
        f"仍有 {found.height} 个已隐去的单元格可以推算出来（{edition}）。 (Hidden cells remain open to the attack.)"
    )


def _wider(cells: _Cells, hidden: Flags, found: pl.DataFrame, *, by_size: bool) -> Flags:
    """With one more cell around each that the attack has bounded too closely."""
    pupils, counts = (
        _marked(cells.table, found.filter(pl.col(judged) < attack.ENOUGH))
        for judged in ("pupils_values", "count_values")
    )
    sizes, own = (
        _hidden_nodes(s, at, hidden) for s, at in ((cells.pupils, cells.pupils_at), (cells.own, cells.own_at))
    )
    # The number itself goes first, wherever it is shown: in another place, or as the denominator of another figure.
    open_sizes = np.unique(np.append(cells.pupils_at[pupils], cells.count_at[counts & (cells.count_at < len(sizes))]))
    open_own = np.unique(cells.own_at[counts])
    more = hidden | np.isin(cells.pupils_at, open_sizes) | np.isin(cells.own_at, open_own)
    more |= _picked(cells.pupils, sizes, open_sizes[sizes[open_sizes]])[cells.pupils_at]
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

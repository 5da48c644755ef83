"""Least and greatest possible values of unknown whole numbers that stand in sums: by propagation everywhere, by linear programming where it matters.

Knows nothing of schools or figures; SciPy is imported where it is used, for a release without hidden cells should not wait for it.
Nodes are numbered unknowns with bounds, a sum says that a node is the total of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_ROUNDS = 60
# Blocks larger than this are cut to the sums around the nodes that are asked about: bounds get wider, so a leak that runs through
# more of them is not seen.
_LARGEST = 1000
# Unknowns that are handed to the solver at once.
_BATCH = 800
_TOLERANCE = 1e-6
# Random directions tried per block, and the share of targets left open above which another one is not worth its cost.
_PUSHES = 12
_STALLED = 0.9
# The primal simplex goes on from where it stood when the aim changes; presolve would start anew each time.
_OPTIONS: dict[str, bool | int | str] = {
    "output_flag": False,
    "presolve": "off",
    "solver": "simplex",
    "simplex_strategy": 4,
    "threads": 1,
}
# How far from the least a whole-numbered solution may be that is only to show what is possible.
_NEAR = 1e6
# Stands for "no bound": more pupils than any region has.
_ENDLESS = 1e8


@dataclass(frozen=True)
class Sums:
    """Entries (`row`, `child`) and one `parent` per row: the parent is the sum of the children."""

    row: Ints
    child: Ints
    parent: Ints
    nodes: int


def tighten(sums: Sums, inner: Ints, outer: Ints, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds that follow sum by sum, repeated until nothing moves; `inner` nodes are at most their `outer` ones.

    What contradicts itself is left as it was: a contradiction says that the sum does not hold, not what a number is.
    """
    low, high = low.copy(), high.copy()
    rows = len(sums.parent)
    for _ in range(_ROUNDS):
        endless = ~np.isfinite(high)
        finite = np.where(endless, 0, high)
        least = np.bincount(sums.row, weights=low[sums.child], minlength=rows)
        most = np.bincount(sums.row, weights=finite[sums.child], minlength=rows)
        unbounded = np.bincount(sums.row, weights=endless[sums.child], minlength=rows)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, sums.parent, least)
        np.minimum.at(new_high, sums.parent, np.where(unbounded > 0, np.inf, most))
        others_low = least[sums.row] - low[sums.child]
        np.minimum.at(new_high, sums.child, high[sums.parent][sums.row] - others_low)
        others_open = unbounded[sums.row] - endless[sums.child]
        others_high = np.where(others_open > 0, np.inf, most[sums.row] - finite[sums.child])
        np.maximum.at(new_low, sums.child, low[sums.parent][sums.row] - others_high)
        np.minimum.at(new_high, inner, high[outer])
        np.maximum.at(new_low, outer, low[inner])
        sound = new_low <= new_high
        new_low, new_high = np.where(sound, new_low, low), np.where(sound, new_high, high)
        if np.array_equal(new_low, low) and np.array_equal(new_high, high):
            break
        low, high = new_low, new_high
    return low, high


def merged(sums: Sums) -> tuple[Sums, Ints]:
    """The same sums over fewer nodes: a sum of one is that one. Gives the sums, and the new number of every node."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    length = np.bincount(sums.row, minlength=len(sums.parent))
    single = length[sums.row] == 1
    pair = csr_array(
        (np.ones(single.sum()), (sums.child[single], sums.parent[sums.row[single]])), shape=(sums.nodes, sums.nodes)
    )
    count, number = connected_components(pair, directed=False)
    number = number.astype(np.int64)
    kept = length > 1
    order = np.cumsum(kept) - 1
    several = ~single
    return Sums(order[sums.row[several]], number[sums.child[several]], number[sums.parent[kept]], count), number


def narrow(
    sums: Sums, low: Floats, high: Floats, targets: Ints, enough: int, within: tuple[Ints, Ints] | None = None
) -> tuple[Floats, Floats]:
    """Exact bounds of the targets by linear programming (HiGHS), as far as needed to see whether `enough` values remain.

    Sums that contradict each other give way, as few of them as possible: one wrong total must not blind whoever looks at all others.
    A target that takes two values `enough - 1` apart in whole-numbered solutions is done with: what is returned for it is what was seen.
    `within` are pairs of nodes of which the first is at most the second.
    """
    nodes = sums.nodes
    if within is not None:
        sums, low, high = _with_slack(sums, low, high, *within)
    low_found, high_found = low.copy(), high.copy()
    for batch in _batches(_blocks(sums, low, high, targets)):
        _solve(batch, low_found, high_found, enough)
    return low_found[:nodes], high_found[:nodes]


def _with_slack(sums: Sums, low: Floats, high: Floats, inner: Ints, outer: Ints) -> tuple[Sums, Floats, Floats]:
    """What is at most another number is it but for a rest: one more sum and unknown for every pair that bounds alone do not settle."""
    open_pairs = (inner != outer) & (high[inner] > low[outer])
    inner, outer = inner[open_pairs], outer[open_pairs]
    count, rows = len(inner), len(sums.parent)
    rest = sums.nodes + np.arange(count)
    entries = np.repeat(rows + np.arange(count), 2)
    more = Sums(
        np.append(sums.row, entries), np.append(sums.child, np.column_stack([inner, rest]).ravel()),
        np.append(sums.parent, outer), sums.nodes + count,
    )  # fmt: skip
    most = np.maximum(0, high[outer] - low[inner])
    return more, np.append(low, np.zeros(count)), np.append(high, most)


@dataclass(frozen=True)
class _Block:
    """Unknowns linked by sums, with the numbers that stand on the other side of each sum, and where among them the targets are."""

    matrix: csr_array
    total: Floats
    low: Floats
    high: Floats
    asked: Ints
    targets: Ints


class _Solver:
    """HiGHS with the sums of one block, asked again and again with another aim: the solution found last is where the next search starts."""

    def __init__(self, block: _Block) -> None:
        from highspy import Highs, HighsLp, MatrixFormat

        self._highs = highs = Highs()  # type: ignore[no-untyped-call]
        for option, value in _OPTIONS.items():
            highs.setOptionValue(option, value)
        size = len(block.low)
        lp = HighsLp()
        lp.num_col_, lp.num_row_ = size, len(block.total)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(size), block.low, block.high
        lp.row_lower_ = lp.row_upper_ = block.total
        matrix = block.matrix.tocsr()
        lp.a_matrix_.format_ = MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        highs.passModel(lp)
        self._columns = np.arange(size, dtype=np.int32)

    def witness(self, aim: Floats, *, exact: bool) -> Floats | None:
        """A whole-numbered solution with the least `aim`, or any one near it; none where the sums contradict each other."""
        highs = self._highs
        highs.changeColsCost(len(aim), self._columns, aim)
        found = self._solution()
        if found is not None and np.abs(found - np.round(found)).max(initial=0) > _TOLERANCE:
            # Of whole-numbered problems presolve takes more than it costs.
            highs.setOptionValue("mip_rel_gap", 0.0 if exact else _NEAR)
            highs.setOptionValue("presolve", "on")
            for whole in (1, 0):
                highs.changeColsIntegrality(len(aim), self._columns, np.full(len(aim), whole, dtype=np.uint8))
                found = self._solution() if whole else found
            highs.setOptionValue("presolve", "off")
        return None if found is None else np.round(found)

    def _solution(self) -> Floats | None:
        from highspy import HighsModelStatus

        self._highs.run()
        status = self._highs.getModelStatus()
        if status in (HighsModelStatus.kInfeasible, HighsModelStatus.kUnboundedOrInfeasible):
            return None
        if status != HighsModelStatus.kOptimal:
            raise ArithmeticError(f"HiGHS gives no answer: {status.name}")
        return np.asarray(self._highs.getSolution().col_value, dtype=np.float64)


def _batches(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """Blocks to solve in one go: they do not touch each other, and starting the solver costs more than a small block."""
    batch: list[_Block] = []
    for block in blocks:
        if batch and sum(len(b.low) for b in batch) + len(block.low) > _BATCH:
            yield batch
            batch = []
        batch.append(block)
    if batch:
        yield batch


def _solve(parts: list[_Block], low_found: Floats, high_found: Floats, enough: int) -> None:
    from scipy.sparse import block_diag, csr_array

    starts = np.cumsum([0, *(len(p.low) for p in parts)])
    block = _Block(
        csr_array(block_diag([p.matrix for p in parts], format="csr")),
        np.concatenate([p.total for p in parts]),
        np.concatenate([p.low for p in parts]),
        np.concatenate([p.high for p in parts]),
        np.concatenate([p.asked + start for p, start in zip(parts, starts[:-1], strict=True)]),
        np.concatenate([p.targets for p in parts]),
    )
    owner = np.repeat(np.arange(len(parts)), [len(p.asked) for p in parts])
    solver = _Solver(block)
    least, most = np.full(len(block.asked), np.inf), np.full(len(block.asked), -np.inf)

    def seen(places: Ints, signs: Floats, *, exact: bool) -> bool:
        """Pushes some targets, and notes the values that all of them take."""
        aim = np.zeros(len(block.low))
        aim[block.asked[places]] = signs
        for direction in (1, -1):
            values = solver.witness(direction * aim, exact=exact)
            if values is None:
                return False
            np.minimum(least, values[block.asked], out=least)
            np.maximum(most, values[block.asked], out=most)
        return True

    # One solution says something of every target: pushed up and down by chance they settle most of each other.
    chance = np.random.default_rng(0)
    pending = np.arange(len(block.asked))
    sound = True
    for _ in range(_PUSHES):
        sound = seen(pending, chance.choice([-1.0, 1.0], len(pending)), exact=False)
        before, pending = len(pending), np.flatnonzero(most - least < enough - 1)
        if not sound or not len(pending) or len(pending) > _STALLED * before:
            break
    # Then exactly, one target of every block at a time.
    while sound and len(pending):
        _, first = np.unique(owner[pending], return_index=True)
        sound = seen(pending[first], np.ones(len(first)), exact=True)
        left = np.delete(pending, first)
        pending = left[most[left] - least[left] < enough - 1]
    if sound:
        low_found[block.targets], high_found[block.targets] = least, most
        return
    off = _contradicting(block)
    if off.any():
        ends = np.cumsum([len(p.total) for p in parts])
        _solve(
            [
                replace(part, matrix=part.matrix[~rows], total=part.total[~rows])
                for part, rows in zip(parts, np.split(off, ends[:-1]), strict=True)
            ],
            low_found, high_found, enough,
        )  # fmt: skip
    elif len(parts) > 1:
        # No whole numbers fit one of them; what it says is left as it was.
        for part in parts:
            _solve([part], low_found, high_found, enough)


def _contradicting(block: _Block) -> npt.NDArray[np.bool_]:
    """The sums that have to give way for the others to hold: those that are off where all of them together are off by the least."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, hstack

    rows, size = block.matrix.shape
    bounds = np.zeros((size + 2 * rows, 2))
    bounds[:, 1] = np.inf
    bounds[:size] = np.column_stack([block.low, block.high])
    found = linprog(
        np.append(np.zeros(size), np.ones(2 * rows)),
        A_eq=hstack([block.matrix, eye_array(rows), -eye_array(rows)]),
        b_eq=block.total,
        bounds=bounds,
        method="highs",
    )
    return np.asarray(found.x[size:].reshape(2, rows).sum(axis=0) > _TOLERANCE, dtype=np.bool_)


def _blocks(sums: Sums, low: Floats, high: Floats, targets: Ints) -> list[_Block]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    unknown = low < high
    rows = len(sums.parent)
    # Row x node, parents with minus one.
    entries = np.concatenate([sums.row, np.arange(rows)])
    members = np.concatenate([sums.child, sums.parent])
    signs = np.concatenate([np.ones(len(sums.child)), -np.ones(rows)])
    matrix = csr_array((signs, (entries, members)), shape=(rows, sums.nodes))
    known = np.where(unknown, 0, low)
    total = -(matrix @ known)
    open_entries = unknown[members]
    links = csr_array(
        (np.ones(open_entries.sum()), (entries[open_entries], members[open_entries])), shape=(rows, sums.nodes)
    )
    # Sums and nodes as one graph: two nodes hang together where a sum holds both.
    both = (entries[open_entries], rows + members[open_entries])
    graph = csr_array((np.ones(open_entries.sum()), both), shape=(rows + sums.nodes, rows + sums.nodes))
    label = connected_components(graph, directed=False)[1][rows:]
    size = np.bincount(label, minlength=label.max(initial=0) + 1)
    targets = np.unique(targets[unknown[targets]])
    small = size[label[targets]] <= _LARGEST
    by_label = targets[small][np.argsort(label[targets[small]], kind="stable")]
    starts = np.flatnonzero(np.diff(label[by_label], prepend=-1))
    groups = np.split(by_label, starts[1:]) if len(by_label) else []
    order = np.argsort(label, kind="stable")
    first = np.searchsorted(label[order], np.arange(len(size) + 1))
    columns = links.tocsc()
    lengths = np.diff(links.indptr)
    blocks = []
    for group in groups:
        c = label[group[0]]
        nodes = np.sort(order[first[c] : first[c + 1]])
        blocks.append(_cut(matrix, columns, lengths, total, nodes, low, high, group))
    pending = targets[~small]
    while len(pending):
        inside = _near(links, columns, pending[:1], 1)
        together = np.intersect1d(pending, inside)
        blocks.append(_cut(matrix, columns, lengths, total, _near(links, columns, inside, 1), low, high, together))
        pending = np.setdiff1d(pending, together)
    return blocks


def _near(links: csr_array, columns: csr_array, nodes: Ints, steps: int) -> Ints:
    """Nodes that share a sum with the given ones, and so on for as many steps."""
    for _ in range(steps):
        rows = _distinct(columns[:, nodes].indices)
        nodes = _distinct(np.concatenate([nodes, links[rows].indices]))
    return np.asarray(nodes, dtype=np.int64)


def _distinct(numbers: Ints) -> Ints:
    """By sorting: for the short lists there are here, `unique` without counts takes twenty times as long."""
    return np.unique(numbers, return_counts=True)[0]


def _cut(
    matrix: csr_array,
    columns: csr_array,
    lengths: Ints,
    total: Floats,
    nodes: Ints,
    low: Floats,
    high: Floats,
    targets: Ints,
) -> _Block:
    """The sums all of whose unknown nodes are among the given ones."""
    touched, counts = np.unique(columns[:, nodes].indices, return_counts=True)
    whole = touched[counts == lengths[touched]]
    part = matrix[whole][:, nodes]
    most = np.where(np.isfinite(high[nodes]), high[nodes], _ENDLESS)
    return _Block(part, total[whole], low[nodes], most, np.searchsorted(nodes, targets), targets)

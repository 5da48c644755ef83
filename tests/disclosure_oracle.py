"""A second opinion on the attack, for regions small enough: one whole-numbered program over every school, grade and sex, sharing no code with it.

Unknown are, per school, grade and sex, the pupils on the roll, those seen, and those with mild, moderate and severe poor vision. Every figure that
is shown bounds a sum of them; of every number that nothing shows the least and the greatest possible value are asked for directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

PARTS = ("mild", "moderate", "severe")
COUNTS = ("roll", "seen", *PARTS)
# More than any class has: without an end to it the least roll is found, but not the greatest.
MOST = 200
SIDES = {
    "poor_vision": (PARTS, ("seen",)),
    **{f"poor_vision_{part}": ((part,), ("seen",)) for part in PARTS},
    "exam_coverage": (("seen",), ("roll",)),
}
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Number:
    """One number of pupils: which unknowns it is the sum of, and what a cell says of it."""

    members: Vector
    low: float
    high: float
    told: bool
    name: str


def numbers(figures: pl.DataFrame, base: pl.DataFrame) -> Iterator[Number]:
    """What each cell says of its denominator and of its numerator."""
    for cell in figures.iter_rows(named=True):
        at = _place(base, cell)
        n, d, near = cell["numerator"], cell["denominator"], 2 if cell["rounded"] else 0
        # What is rounded and shown has ten pupils and eight counted.
        d_low = 1.0 if d is None else max(d - near, 10) if near else d
        d_high = np.inf if d is None else d + near
        tail = cell["value_text_rule"]
        if n is not None:
            n_low, n_high = (max(n - near, 8), n + near) if near else (n, n)
        else:
            n_low = np.ceil(0.95 * d_low) if tail == "ge95" else 0.0
            n_high = np.floor(0.05 * d_high) if tail == "le5" else np.inf
        name = f"{cell['indicator']} {cell['level']} {cell['entity']} {cell['subgroup']}"
        above, below = SIDES[cell["indicator"]]
        yield Number(_members(at, below), d_low, d_high, d is not None, f"{name} d")
        yield Number(_members(at, above), n_low, n_high, n is not None or tail is not None, f"{name} n")


def narrow(
    published: Mapping[str, pl.DataFrame], base: pl.DataFrame, *, edition: str, enough: int = 5
) -> dict[str, tuple[int, int]]:
    """Numbers behind hidden cells of which fewer than `enough` values are possible, with the least and the greatest.

    Of the internal edition the denominators are judged, from the files of both; of the public one, from its own, both sides where no
    figure shows the number.
    """
    said = [n for e in {edition, "public"} for n in numbers(published[e], base)]
    shown = {n.members.tobytes() for n in said if n.told}
    asked = {
        n.members.tobytes(): n
        for n in numbers(published[edition].filter(pl.col("status") == "suppressed"), base)
        if n.members.tobytes() not in shown and (edition == "public" or n.name.endswith(" d"))
    }
    size = base.height
    # Who is seen is on the roll, and who has poor vision has been seen.
    within = np.zeros((2 * size, len(COUNTS) * size))
    for k in range(size):
        within[k, [k, size + k]] = 1, -1
        within[size + k, size + k :: size] = 1, *(-1 for _ in PARTS)
    matrix = np.vstack([*(n.members for n in said), within])
    rows, first = np.unique(matrix, axis=0, return_inverse=True)
    low, high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    np.maximum.at(low, first, [*(n.low for n in said), *np.zeros(2 * size)])
    np.minimum.at(high, first, [*(n.high for n in said), *np.full(2 * size, np.inf)])
    holds = LinearConstraint(rows, low, high)
    least = dict.fromkeys(asked, np.inf)
    most = dict.fromkeys(asked, -np.inf)
    members = {key: n.members for key, n in asked.items()}
    for key, number in asked.items():
        for sign in (1, -1):
            if most[key] - least[key] >= enough - 1:
                break
            whole = np.ones(rows.shape[1])
            answer = milp(sign * number.members, constraints=holds, integrality=whole, bounds=Bounds(0, MOST))
            assert answer.success, answer.message
            # One solution says something of every number.
            for other, own in members.items():
                value = round(float(own @ answer.x))
                least[other], most[other] = min(least[other], value), max(most[other], value)
    return {n.name: (int(least[k]), int(most[k])) for k, n in asked.items() if most[k] - least[k] < enough - 1}


def _place(base: pl.DataFrame, cell: Mapping[str, object]) -> Vector:
    level, entity, subgroup = cell["level"], cell["entity"], str(cell["subgroup"])
    here = pl.lit(level == "city") | (pl.col("county" if level == "county" else "school") == entity)
    if subgroup != "all":
        column, value = subgroup.split("=")
        here &= pl.col(column).cast(pl.String) == value
    return base.select(here.cast(pl.Float64)).to_series().to_numpy() * np.ones(base.height)


def _members(at: Vector, counts: tuple[str, ...]) -> Vector:
    return np.concatenate([at if name in counts else np.zeros(len(at)) for name in COUNTS])

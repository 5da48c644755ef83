"""Numbers of pupils that add up by what indicators mean: whatever the marts show of that, the attack has to know."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from integration.spine_world import World, first_run, marts

from orchestration.disclosure.evidence import PARTS, PLACE

# Places at which a sum has to hold before it is taken for more than chance, with no part empty.
ENOUGH = 25
# No definition: who is myopic stays so, but for one in some hundreds, and in a small region for everybody.
NEARLY = {("screening_myopia_same_now/n", frozenset({"screening_myopia_same_before/n", "screening_myopia_new/n"}))}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Places x measures (`indicator/d`, `indicator/n`) with true numbers, for semesters and for years."""
    return _measured(first_run(tmp_path_factory))


def _measured(world: World) -> dict[str, pl.DataFrame]:
    catalogue = pl.read_parquet(marts(world.home) / "indicators.parquet").filter(counted_unit="pupil")
    values = pl.read_parquet(marts(world.home) / "indicator_values.parquet").join(
        catalogue.select(indicator="code", is_share=pl.col("unit").is_in(["share", "proportion"])), on="indicator"
    )
    long = pl.concat(
        [
            values.select(*PLACE, measure=pl.col("indicator") + "/d", number="denominator"),
            values.filter("is_share").select(*PLACE, measure=pl.col("indicator") + "/n", number="numerator"),
        ]
    )
    semester = pl.col("period").str.len_chars() > 9
    return {
        name: long.filter(rows).pivot(on="measure", index=PLACE, values="number").drop(PLACE).cast(pl.Float64)
        for name, rows in (("semester", semester), ("year", ~semester))
    }


def test_all_sums_of_two_are_known_to_the_attack(measured: dict[str, pl.DataFrame]) -> None:
    found = {name: _sums(table) for name, table in measured.items()}
    known = {(whole, frozenset(parts)) for whole, parts in PARTS} | NEARLY
    for name, sums in found.items():
        alike = _alike(measured[name])
        listed = {_named(sum_, alike) for sum_ in known}
        assert {_named(sum_, alike) for sum_ in sums} <= listed, name
    # It would have seen one: all that are known show themselves here.
    assert sum(map(len, found.values())) >= len(PARTS)


def _named(sum_: tuple[str, frozenset[str]], alike: dict[str, str]) -> tuple[str, frozenset[str]]:
    whole, parts = sum_
    return alike.get(whole, whole), frozenset(alike.get(part, part) for part in parts)


def _alike(table: pl.DataFrame) -> dict[str, str]:
    """Measure → the first one that has the same numbers wherever both have any."""
    numbers: npt.NDArray[np.float64] = table.to_numpy()
    first: dict[str, str] = {}
    for k, name in enumerate(table.columns):
        for earlier in range(k):
            both = ~np.isnan(numbers[:, k]) & ~np.isnan(numbers[:, earlier])
            same = numbers[both, k] == numbers[both, earlier]
            if same.all() and np.count_nonzero(numbers[both, k]) >= ENOUGH:
                first[name] = first.get(table.columns[earlier], table.columns[earlier])
                break
    return first


def _sums(table: pl.DataFrame) -> set[tuple[str, frozenset[str]]]:
    """Every measure that is the sum of two others wherever all three have a number, neither part being empty."""
    alike = _alike(table)
    names = [name for name in table.columns if name not in alike]
    numbers: npt.NDArray[np.float64] = table.select(names).to_numpy()
    found: set[tuple[str, frozenset[str]]] = set()
    for one, other in itertools.combinations(range(len(names)), 2):
        rows = (numbers[:, one] > 0) & (numbers[:, other] > 0)
        if np.count_nonzero(rows) >= ENOUGH:
            whole, total = numbers[rows], (numbers[rows, one] + numbers[rows, other])[:, None]
            there = ~np.isnan(whole)
            holds = ((whole == total) | ~there).all(axis=0) & (np.count_nonzero(there, axis=0) >= ENOUGH)
            found |= {(names[k], frozenset((names[one], names[other]))) for k in np.flatnonzero(holds)}
    return found

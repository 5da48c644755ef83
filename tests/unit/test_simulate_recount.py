"""The simulator's truth against a second count, row by row in plain Python, from the clean files it wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from recount import counted

from orchestration.simulate import simulate


def truth(root: Path) -> dict[tuple[str, ...], tuple[int | None, int]]:
    with (root / "truth" / "figures.csv").open(newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    return {tuple(row[:6]): (int(row[6]) if row[6] else None, int(row[7])) for row in rows}


@pytest.mark.parametrize(("seed", "by_county", "pupils"), [(1, False, 700), (5, False, 700), (9, True, 2600)])
def test_figures_equal_a_second_count_of_the_clean_files(
    tmp_path: Path, seed: int, by_county: bool, pupils: int
) -> None:
    simulate(tmp_path, pupils=pupils, years=3, seed=seed, mess=0, fmt="csv", by_county=by_county)
    expected, found = truth(tmp_path), counted(tmp_path)
    different = {
        k: (expected.get(k), found.get(k)) for k in expected.keys() | found.keys() if expected.get(k) != found.get(k)
    }
    assert not different, list(different.items())[:10]
    assert len({key[0] for key in expected}) == 93
    assert any(num is None for num, _ in expected.values()), "no school is silent in this world"

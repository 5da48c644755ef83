"""The statistical rules of the sites by a second hand: other formulas, exact distributions, no code of the generator."""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from reports import numbers, trends
from reports.catalogue import unlisted
from reports.charts import FunnelPoint, beyond
from reports.figures import Figure, Series

CHANCE = 0.002  # both sides together, beyond 99.8 %


def series(counts: list[tuple[int, int]]) -> Series:
    figures = []
    for i, (x, n) in enumerate(counts):
        fields: dict[str, Any] = dict.fromkeys(Figure.__slots__, "")
        fields |= {
            "period": f"{2015 + i}-{2016 + i}",
            "numerator": x,
            "denominator": n,
            "plotted": x / n,
            "method": "1",
        }
        figures.append(Figure(**fields))
    indicator = replace(unlisted("poor_vision", 0), is_share=True, higher=False, minimum_n=10, counted="人")
    return Series(indicator, "primary", figures, figures[-1], "")


def correlation(counts: list[tuple[int, int]]) -> float:
    """Pearson correlation of each pupil's 0 or 1 with the number of the period, times the root of the pupils."""
    pupils = [(i, k < x) for i, (x, n) in enumerate(counts) for k in range(n)]
    total = len(pupils)
    mean_i, mean_y = sum(i for i, _ in pupils) / total, sum(y for _, y in pupils) / total
    cross = sum((i - mean_i) * (y - mean_y) for i, y in pupils)
    spread = sum((i - mean_i) ** 2 for i, _ in pupils) * sum((y - mean_y) ** 2 for _, y in pupils)
    return cross / math.sqrt(spread) * math.sqrt(total)


def exact_chance(counts: list[tuple[int, int]]) -> float:
    """Chance of a trend as strong, either way, if the same pupils were dealt to the periods at random."""
    found, observed = sum(x for x, _ in counts), sum(i * x for i, (x, _) in enumerate(counts))
    ways: dict[tuple[int, int], int] = {(0, 0): 1}  # (how many so far, sum of their periods) → ways
    for i, (_, n) in enumerate(counts):
        dealt: dict[tuple[int, int], int] = defaultdict(int)
        for (k, t), w in ways.items():
            for x in range(min(n, found - k) + 1):
                dealt[k + x, t + i * x] += w * math.comb(n, x)
        ways = dealt
    own = {t: w for (k, t), w in ways.items() if k == found}
    total, centre = sum(own.values()), found * sum(i * n for i, (_, n) in enumerate(counts)) / sum(n for _, n in counts)
    far = abs(observed - centre) - 1e-9
    return sum(w for t, w in own.items() if abs(t - centre) >= far) / total


def test_the_trend_is_a_correlation() -> None:
    draw = random.Random(5)
    for _ in range(20):
        counts = [(draw.randint(5, 60), draw.randint(60, 200)) for _ in range(draw.randint(5, 9))]
        assert math.isclose(trends.slope_z(series(counts).figures), correlation(counts), rel_tol=1e-9)


@pytest.mark.parametrize("step", range(-4, 5))
def test_a_trend_is_told_where_dealing_at_random_would_hardly_make_it(step: int) -> None:
    """Five periods of 24 pupils; where the exact chance is far from the limit, the words follow it."""
    told = 0
    for start in (8, 11):
        counts = [(min(max(start + step * (i - 2), 0), 24), 24) for i in range(5)]
        chance = exact_chance(counts)
        said = series(counts)
        words = trends.words(said, said.indicator, lambda m: m)
        if chance < CHANCE / 2:
            assert words == ("5期显著上升（变差）" if step > 0 else "5期显著下降（变好）"), (counts, chance)
        elif chance > CHANCE * 2:
            assert words == "5期无显著升降", (counts, chance)
        else:
            continue
        told += 1
    assert told


def binomial(n: int, p: float) -> list[float]:
    """Chance of each count."""
    return [math.exp(math.log(math.comb(n, x)) + x * math.log(p) + (n - x) * math.log(1 - p)) for x in range(n + 1)]


@pytest.mark.parametrize(("n", "p"), itertools.product((40, 150, 1200), (0.2, 0.38, 0.5)))
def test_a_flag_of_a_funnel_is_what_the_binomial_distribution_hardly_makes(n: int, p: float) -> None:
    """Flags of every possible count; only where the exact chance is near 0.1 % a side may the normal form differ."""
    flagged, pmf = {-1: 0, 0: 0, 1: 0}, binomial(n, p)
    for x in range(n + 1):
        side = beyond(FunnelPoint("x", "", n, x / n), p)
        above, below = math.fsum(pmf[x + 1 :]) + pmf[x] / 2, math.fsum(pmf[:x]) + pmf[x] / 2  # half of the count itself
        if above < CHANCE / 8:
            assert side == 1, (x, above)
        elif below < CHANCE / 8:
            assert side == -1, (x, below)
        elif min(above, below) > CHANCE * 2:
            assert side == 0, (x, above, below)
        flagged[side] += 1
    assert min(flagged.values()) > 0


@pytest.mark.parametrize(("n", "p"), itertools.product((40, 150, 1200), (0.2, 0.38, 0.5)))
def test_chance_flags_two_schools_of_a_thousand(n: int, p: float) -> None:
    """What the page says beside a funnel: so many lie beyond the limits by chance alone."""
    pmf = binomial(n, p)
    by_chance = sum(w for x, w in enumerate(pmf) if beyond(FunnelPoint("x", "", n, x / n), p))
    assert CHANCE / 2.5 < by_chance < CHANCE * 2


def test_a_change_is_called_different_by_the_chi_square_of_four_cells() -> None:
    draw = random.Random(9)
    rows, want = [], []
    for i in range(400):
        n = draw.randint(30, 400)
        m = round(n * draw.uniform(0.83, 1.17))  # further apart they are not compared at all
        a, b = draw.randint(5, n - 5), 0
        b = min(max(round(a / n * m + draw.gauss(0, 3.2) * math.sqrt(m) / 2), 1), m - 1)
        base = {
            "entity": str(i), "indicator": "x", "stage": "primary", "subgroup": "all", "is_share": True, "higher": True,
            "interval_judged": True, "digits": 2, "status": "no_target",
        }  # fmt: skip
        rows += [
            {**base, "period": "2023-2024", "plotted": a / n, "numerator": float(a), "denominator": float(n)},
            {**base, "period": "2024-2025", "plotted": b / m, "numerator": float(b), "denominator": float(m)},
        ]
        square = (a * (m - b) - b * (n - a)) ** 2 * (n + m) / (n * m * (a + b) * (n + m - a - b))
        same = math.floor(abs(b / m - a / n) * 1000 + 0.5) == 0
        want.append("持平" if same else "差异不显著" if square < 3.090232**2 else "变好" if b / m > a / n else "变差")
    found = numbers.with_changes(pl.DataFrame(rows), str, pl.col("period") == "2024-2025")
    said = found.filter(pl.col("period") == "2024-2025")["change_words"].to_list()
    assert said == want
    assert min(want.count(w) for w in ("差异不显著", "变好", "变差")) > 20

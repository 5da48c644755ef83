"""Funnels, peers and trends say no more than the numbers carry."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from reports import trends
from reports.catalogue import unlisted
from reports.charts import ChartSeries as Course
from reports.charts import FunnelPoint, beyond, common_reach, timeline
from reports.charts.funnel import Z_95, limits
from reports.figures import Figure, Series
from reports.peers import band


@pytest.mark.parametrize(("share", "side"), [(0.40, 0), (0.546, 0), (0.56, 1), (0.44, -1), (0.455, 0)])
def test_a_flag_needs_998_percent(share: float, side: int) -> None:
    """Of 1,000 around 50 %: two standard errors are 3.2 points, the 99.8 % limits 4.9."""
    n = 1000 if share != 0.40 else 50
    assert beyond(FunnelPoint("x", "", n, share), 0.5) == side


def test_limits_close_with_numbers_and_stay_shares() -> None:
    low, high = limits(0.5, 10_000, Z_95)
    assert math.isclose(high - low, 2 * 1.959964 * 0.005, rel_tol=1e-6)
    assert limits(0.02, 10, Z_95)[0] == 0.0


def test_size_bands() -> None:
    assert [band(n) for n in (None, 0, 1, 99, 100, 299, 300, 2000)] == [None, None, 0, 0, 1, 1, 2, 5]


def series(shares: list[float], n: int = 2000, methods: str = "111111") -> Series:
    figures = []
    for i, share in enumerate(shares):
        year = f"{2018 + i}-{2019 + i}"
        fields: dict[str, Any] = dict.fromkeys(Figure.__slots__, "")
        fields |= {
            "period": year,
            "numerator": round(share * n),
            "denominator": n,
            "plotted": share,
            "method": methods[i],
        }
        figures.append(Figure(**fields))
    share_of_pupils = replace(unlisted("poor_vision", 0), is_share=True, higher=False, minimum_n=10, counted="人")
    return Series(share_of_pupils, "primary", figures, figures[-1], "")


def said(s: Series) -> str:
    return trends.words(s, s.indicator, lambda m: m)


def test_a_trend_needs_five_periods_and_a_test() -> None:
    assert said(series([0.50, 0.45, 0.40, 0.35])) == "可比4期，不足5期，不判断"
    assert said(series([0.50, 0.47, 0.44, 0.41, 0.38])) == "5期显著下降（变好）"
    assert said(series([0.38, 0.41, 0.44, 0.47, 0.50])) == "5期显著上升（变差）"
    assert said(series([0.50, 0.49, 0.50, 0.51, 0.50])) == "5期无显著升降"
    assert said(series([0.50, 0.47, 0.44, 0.41, 0.38], n=9)) == "有的时期不足10人，不判断"


def test_a_change_of_method_cuts_the_run() -> None:
    assert said(series([0.50, 0.47, 0.44, 0.41, 0.38, 0.3], methods="112222")) == "可比4期，不足5期，不判断"


def test_the_statistic_is_that_of_the_textbook() -> None:
    """Against the square root of the chi-square for trend, by hand: 10, 15, 20 of 100 each."""
    z = trends.slope_z(series([0.10, 0.15, 0.20], n=100).figures)
    assert math.isclose(z, 10 / math.sqrt(0.15 * 0.85 * 200), rel_tol=1e-9)


def test_no_line_runs_through_a_change_of_method() -> None:
    course = [Course("x", [0.1, 0.2, 0.3, 0.4, 0.5], [""] * 5, [False] * 5)]
    whole = timeline(list("abcde"), course, title="", desc="", is_share=True)
    cut = timeline(list("abcde"), course, title="", desc="", is_share=True, breaks=[2], break_label="口径变更")
    lines = 'stroke="#12436d" stroke-width="2"'
    assert whole.count(lines) == 4 and cut.count(lines) == 3
    assert "口径变更" in cut


def test_one_far_school_does_not_stretch_a_shared_scale() -> None:
    assert common_reach([1.0, 2.0, 90.0], [4.2, 5.3]) == pytest.approx(3.5 * 5.3)
    assert common_reach([1.0, 9.0], [4.2, 5.3]) == 9.0

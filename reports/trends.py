"""Whether a share has been rising or falling: said only of five comparable periods or more, and only where a test bears it out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.catalogue import Indicator
from reports.figures import Figure, Series
from reports.i18n import N_, Gettext
from reports.numbers import Z_998

LEAST_PERIODS = 5


def comparable(series: Series) -> list[Figure]:
    """Latest run of figures that may be set in one row: same semester, same method, counts known, nothing between them hidden."""
    now = series.now
    if now is None:
        return []
    run: list[Figure] = []
    for figure in reversed([f for f in series.figures if f.period[9:] == now.period[9:]]):
        if figure.method != now.method or figure.plotted is None or not figure.denominator or figure.numerator is None:
            break
        run.append(figure)
    return run[::-1]


def slope_z(run: Sequence[Figure]) -> float:
    """Cochran-Armitage statistic of shares in order of time: positive where they rise."""
    n = [f.denominator or 0.0 for f in run]
    x = [f.numerator or 0.0 for f in run]
    total = sum(n)
    p = sum(x) / total
    mean = sum(i * a for i, a in enumerate(n)) / total
    spread = p * (1 - p) * sum(a * (i - mean) ** 2 for i, a in enumerate(n))
    return (
        sum((i - mean) * (b - a * p) for i, (a, b) in enumerate(zip(n, x, strict=True))) / math.sqrt(spread)
        if spread > 0
        else 0.0
    )


def words(series: Series, indicator: Indicator, t: Gettext) -> str:
    """The course in words; that it cannot be told is an answer, too. Nothing for what is no share."""
    if not indicator.is_share or series.now is None:
        return ""
    run = comparable(series)
    if len(run) < LEAST_PERIODS:
        return t(N_("可比%(n)s期，不足%(least)s期，不判断")) % {"n": len(run), "least": LEAST_PERIODS}
    if min(f.denominator or 0 for f in run) < indicator.minimum_n:
        return t(N_("有的时期不足%(n)s%(unit)s，不判断")) % {
            "n": f"{indicator.minimum_n:,}",
            "unit": t(indicator.counted),
        }
    z = slope_z(run)
    if abs(z) < Z_998:
        return t(N_("%(n)s期无显著升降")) % {"n": len(run)}
    if z > 0:
        return t(N_("%(n)s期显著上升（变好）") if indicator.higher else N_("%(n)s期显著上升（变差）")) % {"n": len(run)}
    return t(N_("%(n)s期显著下降（变差）") if indicator.higher else N_("%(n)s期显著下降（变好）")) % {"n": len(run)}

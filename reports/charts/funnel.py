"""Shares of many units against how many they are of: what lies outside the limits is more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from reports.charts import svg
from reports.numbers import Z_998

LEFT, TOP, BOTTOM, HEIGHT = 40, 14, 34, 230
LINE = 11.5  # labels at the right end are at least so far apart
Z_95 = 1.959964
STEPS = 48
MOST_NAMED = 40  # marks with a tip of their own; the points come in the order of their weight


@dataclass(frozen=True)
class FunnelPoint:
    """One unit: its name, the text of its share, how many it is of, and the share."""

    label: str
    text: str
    n: float
    value: float


def limits(mean: float, n: float, z: float) -> tuple[float, float]:
    """Shares between which chance leaves a unit of ``n`` whose true share is the mean (score limits)."""
    spread = z * math.sqrt(mean * (1 - mean) / n)
    return max(mean - spread, 0.0), min(mean + spread, 1.0)


def beyond(point: FunnelPoint, mean: float, z: float = Z_998) -> int:
    """-1 below the limits, 1 above them, 0 within."""
    low, high = limits(mean, point.n, z)
    return -1 if point.value < low - 1e-12 else 1 if point.value > high + 1e-12 else 0


def funnel(
    points: Sequence[FunnelPoint],
    mean: float,
    *,
    title: str,
    desc: str,
    words: tuple[str, str],
    higher: bool,
    named: bool = True,
) -> Markup:
    """Points over the number they rest on, with the 95 % and 99.8 % limits around the mean.

    Args:
        points: Units that may be placed, those to be named first.
        mean: Share of all of them together.
        title: Name of the chart.
        desc: Its description.
        words: At the mean and below the axis.
        higher: Whether higher is better; the worse side is filled orange, the better one blue.
        named: Whether units outside the limits are named in their tips.
    """
    most, least = max(p.n for p in points), min(p.n for p in points)
    start, end = math.sqrt(max(least * 0.8, 1)), math.sqrt(most * 1.05)
    right = svg.WIDTH - max(svg.text_width(x, 10.5) for x in (words[0], "99.8%")) - 8
    high = min(svg.nice_ceiling(max([p.value for p in points] + [limits(mean, least, Z_95)[1]])), 1.0)

    def x_of(n: float) -> float:  # square roots: the limits open evenly and small units are not pressed together
        return LEFT + (right - LEFT) * (math.sqrt(n) - start) / max(end - start, 1e-9)

    def y_of(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value / high, 1))

    parts = []
    for value in svg.ticks(0, high):
        parts.append(svg.line(LEFT, y_of(value), right, y_of(value), svg.RULE))
        text = svg.axis_text(round(value, 4), is_share=True)
        parts.append(svg.label(LEFT - 5, y_of(value) + 4, text, anchor="end", fill=svg.MUTED, size=10.5))
    floor = HEIGHT - BOTTOM
    for n in _numbers(start**2, end**2):
        parts.append(svg.line(x_of(n), floor, x_of(n), floor + 4, svg.MUTED))
        parts.append(svg.label(x_of(n), floor + 15, f"{n:,}", anchor="middle", fill=svg.MUTED, size=10.5))
    parts.append(svg.label((LEFT + right) / 2, HEIGHT - 3, words[1], anchor="middle", fill=svg.MUTED, size=10.5))
    grid = [(start + (end - start) * k / STEPS) ** 2 for k in range(STEPS + 1)]
    for z, dash in ((Z_95, ' stroke-dasharray="3 3"'), (Z_998, "")):
        for side in (0, 1):
            path = "L".join(f"{svg.num(x_of(n))} {svg.num(y_of(limits(mean, n, z)[side]))}" for n in grid)
            parts.append(f'<path d="M{path}" fill="none" stroke="{svg.MUTED}" stroke-width="1"{dash}/>')
    parts.append(svg.line(LEFT, y_of(mean), right, y_of(mean), svg.INK, 1.5))
    sided = [(p, beyond(p, mean)) for p in points]
    within = {(round(x_of(p.n)), round(y_of(p.value))) for p, side in sided if not side}
    if within:
        dots = "".join(f"M{x} {y}h0" for x, y in sorted(within))
        parts.append(f'<path d="{dots}" stroke="{svg.PLAIN}" stroke-width="5" stroke-linecap="round" fill="none"/>')
    outside = [(p, side) for p, side in sided if side]
    marks: dict[int, set[tuple[int, int]]] = {-1: set(), 1: set()}
    for p, side in outside[MOST_NAMED:]:
        marks[side].add((round(x_of(p.n)), round(y_of(p.value))))
    for side, places in marks.items():
        if places:
            d = 5 * side
            path = "".join(f"M{x} {y - d}l5 {2 * d}h-10z" for x, y in sorted(places))
            fill, line = _colours(side, higher=higher)
            parts.append(f'<path d="{path}" fill="{fill}" stroke="{line}"/>')
    for p, side in outside[:MOST_NAMED]:
        tip = f"<title>{escape(p.label)}：{escape(p.text)}</title>" if named else ""
        parts.append(_flag(x_of(p.n), y_of(p.value), side, *_colours(side, higher=higher), tip))
    # the lines are named where they end, beside the points and not on them; the upper limits stand for both sides
    at = y_of(mean)
    for text, end_y in (
        (words[0], at),
        ("95%", y_of(limits(mean, end**2, Z_95)[1])),
        ("99.8%", y_of(limits(mean, end**2, Z_998)[1])),
    ):
        at = end_y if text == words[0] else min(end_y, at - LINE)
        fill = svg.INK if text == words[0] else svg.MUTED
        parts.append(svg.label(right + 4, at + 4, text, size=10.5, fill=fill))
    return svg.frame(HEIGHT, title, desc, "".join(parts))


def _colours(side: int, *, higher: bool) -> tuple[str, str]:
    """Fill and outline of the better and of the worse side."""
    return (svg.MET, svg.MET) if (side > 0) == higher else (svg.NOT_MET, "#b8430a")


def _flag(x: float, y: float, side: int, fill: str, stroke: str, tip: str) -> str:
    """A triangle that points to the side it lies on: seen in grey as well."""
    d = -5 if side > 0 else 5
    points = f"{svg.num(x)},{svg.num(y + d)} {svg.num(x + 5)},{svg.num(y - d)} {svg.num(x - 5)},{svg.num(y - d)}"
    return f'<polygon points="{points}" fill="{fill}" stroke="{stroke}">{tip}</polygon>'


def _numbers(low: float, high: float) -> list[int]:
    """Round numbers of units for an axis of square roots."""
    found = [m * 10**k for k in range(7) for m in (1, 2, 5)]
    inside = [n for n in found if low <= n <= high]
    return inside if len(inside) <= 6 else inside[:: -(-len(inside) // 6)]

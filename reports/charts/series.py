"""Values over periods: dots below five points, a line from five on; gaps stay gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markupsafe import Markup

from reports.charts import svg

TOP, BOTTOM, LEFT, HEIGHT, TIGHT = 22, 26, 40, 190, 13

COLOURS = ("#12436d", "#28a197", "#801650", "#f46a25")
SHAPES = ("circle", "square", "diamond", "triangle")

STUB = 14  # height of what is hidden beside others that are shown


@dataclass(frozen=True)
class ChartSeries:
    """One course: per period a value, None (nothing there) or the status word of what is not shown."""

    label: str
    values: Sequence[float | None]
    texts: Sequence[str]
    hidden: Sequence[bool]


def _mark(shape: str, x: float, y: float, colour: str, tip: str) -> str:
    title = f"<title>{escape(tip)}</title>"
    if shape == "circle":
        return f'<circle cx="{svg.num(x)}" cy="{svg.num(y)}" r="4" fill="{colour}">{title}</circle>'
    points = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -5), (5, 0), (0, 5), (-5, 0)),
        "triangle": ((0, -5), (5, 4), (-5, 4)),
    }[shape]
    path = " ".join(f"{svg.num(x + dx)},{svg.num(y + dy)}" for dx, dy in points)
    return f'<polygon points="{path}" fill="{colour}">{title}</polygon>'


def _range(series: Sequence[ChartSeries], target: float | None, is_share: bool) -> tuple[float, float]:
    values = [v for s in series for v in s.values if v is not None] + ([target] if target is not None else [])
    low, high = min(values, default=0.0), max(values, default=1.0)
    pad = max((high - low) * 0.15, 0.005 if is_share else 0.05)
    low, high = max(0.0, low - pad), high + pad
    if is_share:
        high = min(high, 1.0)
    step = svg.nice_step(high - low)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _spread(ys: list[float]) -> list[float]:
    """Move end labels apart so that none covers another, keeping their order."""
    order = sorted(range(len(ys)), key=lambda i: ys[i])
    placed = list(ys)
    for a, b in pairwise(order):
        placed[b] = max(placed[b], placed[a] + TIGHT)
    return placed


def timeline(
    periods: Sequence[str],
    series: Sequence[ChartSeries],
    *,
    title: str,
    desc: str,
    is_share: bool,
    target: float | None = None,
    target_label: str = "",
    breaks: Sequence[int] = (),
    break_label: str = "",
) -> Markup:
    """Courses over periods with the target as a dashed line.

    Args:
        periods: Words of the periods.
        series: At most four courses.
        title: Name of the chart.
        desc: Its description.
        is_share: Whether values are shares.
        target: Target or None.
        target_label: Words at the target.
        breaks: Periods from which on figures are made by another method: no line is drawn into them.
        break_label: Words at a break.
    """
    series = series[: len(COLOURS)]
    right = svg.WIDTH - max((svg.text_width(s.label, 11) for s in series), default=0) - 18
    low, high = _range(series, target, is_share)

    def x_of(i: int) -> float:
        return LEFT + 14 + (right - LEFT - 28) * (i / (len(periods) - 1) if len(periods) > 1 else 0.5)

    def y_of(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    parts = []
    for value in svg.ticks(low, high):
        y = y_of(value)
        parts.append(svg.line(LEFT, y, right, y, svg.RULE))
        text = svg.axis_text(round(value, 4), is_share=is_share)
        parts.append(svg.label(LEFT - 5, y + 4, text, anchor="end", fill=svg.MUTED, size=10.5))
    for i, period in enumerate(periods):
        parts.append(svg.label(x_of(i), HEIGHT - 8, period, anchor="middle", fill=svg.MUTED, size=10.5))
    for i in breaks:
        x = (x_of(i - 1) + x_of(i)) / 2
        parts.append(svg.line(x, TOP - 6, x, HEIGHT - BOTTOM, svg.MUTED, 1, ' stroke-dasharray="1 3"'))
        parts.append(svg.label(x, TOP - 9, break_label, anchor="middle", fill=svg.MUTED, size=10.5))
    if target is not None:
        y = y_of(target)
        parts.append(svg.line(LEFT, y, right, y, svg.INK, 1.5, ' stroke-dasharray="4 2"'))
        parts.append(svg.label(LEFT + 2, y - 4, target_label, size=11))
    parts += [
        _band(x_of(i), [(s, s.values[i], s.hidden[i], s.texts[i]) for s in series], p) for i, p in enumerate(periods)
    ]
    ends: list[tuple[float, str, str]] = []
    for s, colour, shape in zip(series, COLOURS, SHAPES, strict=False):
        places = [(x_of(i), y_of(v)) if v is not None else None for i, v in enumerate(s.values)]
        known = [p for p in places if p is not None]
        if len(known) >= svg.LINE_FROM:
            parts.append(_polylines(places, colour, breaks))
        for i, place in enumerate(places):
            if place is not None:
                tip = f"{s.label} {periods[i]}：{s.texts[i]}"
                parts.append(_mark(shape, place[0], place[1], colour, tip))
        if known:
            ends.append((known[-1][1], s.label, colour))
    for y, (_, text, colour) in zip(_spread([e[0] for e in ends]), ends, strict=True):
        parts.append(svg.label(right + 6, y + 4, text, size=11, fill=colour, bold=True))
    return svg.frame(HEIGHT, title, desc, "".join(parts))


def _band(x: float, at: Sequence[tuple[ChartSeries, float | None, bool, str]], period: str) -> str:
    """Hatched gap of what is hidden in a period: over the whole height, or at the foot where other courses have a place."""
    hidden = [(s, text) for s, _, is_hidden, text in at if is_hidden]
    if not hidden:
        return ""
    floor, tall = HEIGHT - BOTTOM, all(value is None for _, value, _, _ in at)
    top = TOP if tall else floor - STUB
    tip = "；".join(f"{s.label} {period}：{text}" for s, text in hidden)
    return svg.rect(x - 7, top, 14, floor - top, svg.HATCH, f' stroke="{svg.PLAIN}" stroke-width="0.6"', tip)


def _polylines(places: Sequence[tuple[float, float] | None], colour: str, breaks: Sequence[int]) -> str:
    """Line segments between neighbours that are both known and made by the same method."""
    pairs = enumerate(pairwise(places), 1)
    return "".join(svg.line(a[0], a[1], b[0], b[1], colour, 2) for i, (a, b) in pairs if a and b and i not in breaks)

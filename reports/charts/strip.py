"""Distribution of schools along one scale with the threshold line."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from reports.charts import svg

BINS, LEFT, RIGHT, TOP, FLOOR, HEIGHT = 40, 6, svg.WIDTH - 6, 20, 84, 104
MOST_DOTS = 10  # higher piles become columns
MOST_TARGETS = 3.5  # how many times the threshold the scale reaches at most
LEAST = 26


def common_reach(values: Sequence[float], targets: Sequence[float]) -> float:
    """How far a scale goes that several strips of one indicator share."""
    return min(max([*values, *targets, 1e-9]), MOST_TARGETS * max(targets, default=math.inf))


def strip(
    values: Sequence[tuple[float, str]],
    *,
    title: str,
    desc: str,
    is_share: bool,
    target: float | None,
    target_label: str,
    reach: float | None = None,
) -> Markup:
    """One dot per school in bins of the scale; columns where schools are many.

    Args:
        values: (value, status) of the schools that may be placed.
        title: Name of the chart.
        desc: Its description.
        is_share: Whether values are shares.
        target: Threshold or None.
        target_label: Words at the threshold.
        reach: How far the scale goes, where several strips share one; without it as far as the values.
    """
    shared = reach is not None
    reach = reach or max([v for v, _ in values] + [target or 0, 1e-9])
    high = 1.0 if is_share and reach > 0.5 else svg.nice_ceiling(reach)
    # one school far out must not press all others together: what lies beyond stands in the last place, marked "+"
    if not (is_share or shared) and target is not None and reach > MOST_TARGETS * target:
        high = svg.nice_ceiling(MOST_TARGETS * target)
    beyond = max(v for v, _ in values) > high * (1 + 1e-9)

    def x_of(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(value / high, 1)

    piles: Counter[tuple[int, str]] = Counter()
    for value, status in values:
        piles[min(int(value / high * BINS), BINS - 1), status if status in svg.FILL else "other"] += 1
    heights = Counter[int]()
    for (at, _), count in piles.items():
        heights[at] += count
    tallest = max(heights.values(), default=1)
    step = min(8.0, (FLOOR - TOP) / tallest)
    floor = min(FLOOR, TOP + max(step * tallest + 6, LEAST))  # few schools need little room
    width = (RIGHT - LEFT) / BINS
    parts = [svg.line(LEFT, floor, RIGHT, floor, svg.MUTED)]
    base: Counter[int] = Counter()
    for (at, status), count in sorted(piles.items()):
        x, fill = LEFT + width * at, svg.FILL.get(status, "#fff" if target is not None else svg.TRACK)
        stroke = f' stroke="{svg.LINE.get(status, svg.MUTED)}" stroke-width="0.8"'
        if tallest <= MOST_DOTS:
            parts += [
                f'<circle cx="{svg.num(x + width / 2)}" cy="{svg.num(floor - step * (base[at] + i + 0.5))}" '
                f'r="3.4" fill="{fill}"{stroke}/>'
                for i in range(count)
            ]
        else:
            top = floor - step * (base[at] + count)
            parts.append(svg.rect(x + 0.8, top, width - 1.6, step * count, fill, stroke, str(count)))
        base[at] += count
    for value in svg.ticks(0, high):
        text = svg.axis_text(value, is_share=is_share) + ("+" if beyond and value >= high * (1 - 1e-9) else "")
        anchor = "start" if value == 0 else "end" if value >= high * (1 - 1e-9) else "middle"
        parts.append(svg.label(x_of(value), floor + 15, text, anchor=anchor, fill=svg.MUTED, size=10.5))
    if target is not None:
        x = x_of(target)
        parts.append(svg.line(x, TOP - 4, x, floor, svg.INK, 1.5, ' stroke-dasharray="4 2"'))
        room = svg.text_width(target_label, 11) / 2
        at_x = min(max(x, room), svg.WIDTH - room)
        parts.append(svg.label(at_x, TOP - 8, target_label, anchor="middle", size=11))
    return svg.frame(floor + HEIGHT - FLOOR, title, desc, "".join(parts))

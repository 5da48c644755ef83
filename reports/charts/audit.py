"""Pictures of the audit site: a check's history as a strip, verdicts over time, the way of one figure.

Heights and outlines tell the states apart as well as colours do, so that grey print loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from reports.charts import svg

STEP, STRIP = 9, 18
# Height, fill and outline of a mark by the shape of its state.
_MARKS = {
    "met": (6, svg.MET, svg.MET),
    "rev": (11, "#fff", svg.INK),
    "not": (16, svg.NOT_MET, "#b8430a"),
    "nrp": (16, "#fff", "#b8430a"),
}


def history(icons: Sequence[str]) -> Markup:
    """A mark per verdict, oldest first; an empty icon where the check was not in it. The row says the newest state in words."""
    marks = []
    for i, icon in enumerate(icons):
        x = i * STEP + 1
        if icon not in _MARKS:
            marks.append(f'<path d="M{x} 16h6" stroke="{svg.PLAIN}"/>')
            continue
        height, fill, line = _MARKS[icon]
        marks.append(f'<path d="M{x} 17v-{height}h6v{height}z" fill="{fill}" stroke="{line}"/>')
    width = max(len(icons), 1) * STEP
    return Markup(  # noqa: S704 - numbers and constants only
        f'<svg class="hist" viewBox="0 0 {width} {STRIP}" width="{width}" height="{STRIP}" aria-hidden="true" focusable="false">'
        f"{''.join(marks)}</svg>"
    )


@dataclass(frozen=True)
class Column:
    """A verdict in the timeline."""

    label: str
    passed: bool
    blocking: int
    warnings: int


def verdicts(columns: Sequence[Column], *, title: str, desc: str, words: tuple[str, str]) -> Markup:
    """Blocking checks and warnings of each verdict as columns, the outcome as a shape below.

    Args:
        columns: Oldest first.
        title: Name of the chart.
        desc: Its description.
        words: What the two colours mean: blocking, warnings.
    """
    top, floor, height = 30, 128, 164
    tallest = max([c.blocking + c.warnings for c in columns] + [1])
    step = min((svg.WIDTH - 30) / max(len(columns), 1), 46)
    wide = min(step - 3, 26)
    ceiling = svg.nice_ceiling(tallest)
    parts = []
    for value in svg.ticks(0, ceiling):
        if value != int(value):
            continue
        y = floor - (floor - top) * value / ceiling
        parts.append(svg.line(26, y, svg.WIDTH, y, svg.RULE))
        parts.append(svg.label(22, y + 4, f"{value:.0f}", anchor="end", fill=svg.MUTED, size=10.5))
    x = 30.0
    every = max(1, round(44 / step))
    for i, column in enumerate(columns):
        high = (floor - top) * column.blocking / ceiling
        more = (floor - top) * column.warnings / ceiling
        tip = f"{column.label} · {words[0]} {column.blocking} · {words[1]} {column.warnings}"
        if column.blocking:
            parts.append(svg.rect(x, floor - high, wide, high, svg.NOT_MET, ' stroke="#b8430a"', tip))
        if column.warnings:
            parts.append(svg.rect(x, floor - high - more, wide, more, "#fff", f' stroke="{svg.INK}"', tip))
        parts.append(svg.icon("met" if column.passed else "not", x + wide / 2 - 6, floor + 4))
        if i % every == 0 or len(columns) <= 8:
            parts.append(svg.label(x + wide / 2, height - 4, column.label, anchor="middle", fill=svg.MUTED, size=10.5))
        x += step
    key = svg.rect(30, 4, 12, 12, svg.NOT_MET, ' stroke="#b8430a"') + svg.label(47, 14, words[0], size=11)
    left = 60 + svg.text_width(words[0], 11)
    key += svg.rect(left, 4, 12, 12, "#fff", f' stroke="{svg.INK}"') + svg.label(left + 17, 14, words[1], size=11)
    return svg.frame(height, title, desc, key + "".join(parts))


@dataclass(frozen=True)
class Box:
    """A box on the way of a figure: what it is, what it says, and whether it deserves a look."""

    title: str
    text: str
    bad: bool = False


def way(stages: Sequence[tuple[str, Sequence[Box]]], *, title: str, desc: str) -> Markup:
    """The way of one figure from top to bottom: a stage per row, its boxes side by side, arrows between.

    Args:
        stages: (name of the stage, its boxes); an empty stage is left out.
        title: Name of the chart.
        desc: Its description.
    """
    left, gap, high, between = 62, 8, 42, 22
    parts: list[str] = []
    y = 4.0
    shown = [(name, boxes) for name, boxes in stages if boxes]
    for number, (name, boxes) in enumerate(shown):
        across = 2 if len(boxes) > 1 else 1
        wide = (svg.WIDTH - left - gap * (across - 1) - 2) / across
        lines = -(-len(boxes) // across)
        parts.append(svg.label(0, y + high / 2 + 4, name, fill=svg.MUTED, size=11, bold=True))
        for i, box in enumerate(boxes):
            x, at = left + (wide + gap) * (i % across), y + (high + 6) * (i // across)
            stroke, fill = ("#b8430a", "#fdeadf") if box.bad else (svg.MET, "#fff")
            parts.append(svg.rect(x, at, wide, high, fill, f' stroke="{stroke}" rx="3"'))
            parts.append(svg.label(x + 8, at + 17, svg.fit(box.title, wide - 14, 11.5), size=11.5, bold=True))
            parts.append(svg.label(x + 8, at + 33, svg.fit(box.text, wide - 14, 10.5), fill=svg.MUTED, size=10.5))
        y += (high + 6) * lines - 6
        if number < len(shown) - 1:
            middle = left + (svg.WIDTH - left) / 2
            parts.append(svg.line(middle, y + 3, middle, y + between - 7, svg.MUTED, 1.5))
            tip = f"{svg.num(middle - 4)} {svg.num(y + between - 8)}"
            parts.append(f'<path d="M{escape(tip)}h8l-4 6z" fill="{svg.MUTED}"/>')
            y += between
    return svg.frame(y + 6, title, desc, "".join(parts))

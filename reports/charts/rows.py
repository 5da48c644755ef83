"""Charts with one row per unit: bars, dots with interval, stacked 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from reports.charts import svg
from reports.vocabulary import status_of

ROW, TOP, BOTTOM, BAR = 26, 26, 22, 14


@dataclass(frozen=True)
class ChartRow:
    """One unit: its label, what is printed, and what may be placed (None: nothing is placed)."""

    label: str
    text: str
    status: str
    value: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class _Plot:
    left: float
    right: float
    high: float
    height: float

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * min(max(value / self.high, 0), 1)


def _plot(rows: Sequence[ChartRow], target: float | None, is_share: bool) -> _Plot:
    # values are printed in bold at the right edge, whatever their length: no bar reaches under them
    text_room = max([56.0, *(1.1 * svg.text_width(r.text) + 10 for r in rows)])
    left = min(max((svg.text_width(r.label) for r in rows), default=40), 118) + 24
    reach = max([r.upper or r.value or 0 for r in rows] + [target or 0, 1e-9])
    high = min(svg.nice_ceiling(reach), 1.0) if is_share else svg.nice_ceiling(reach)
    return _Plot(left, svg.WIDTH - text_room, high, TOP + ROW * len(rows) + BOTTOM)


def _grid(plot: _Plot, is_share: bool, target: float | None, target_label: str) -> str:
    low_y = plot.height - BOTTOM
    parts = []
    for value in svg.ticks(0, plot.high):
        x = plot.x(value)
        parts.append(svg.line(x, TOP - 2, x, low_y, svg.RULE))
        parts.append(
            svg.label(
                x,
                low_y + 14,
                svg.axis_text(value, is_share=is_share),
                anchor="middle",
                fill=svg.MUTED,
                size=10.5,
            )
        )
    if target is not None and target <= plot.high:
        x = plot.x(target)
        parts.append(svg.line(x, TOP - 6, x, low_y, svg.INK, 1.5, ' stroke-dasharray="4 2"'))
        room = svg.text_width(target_label, 11) / 2
        at = min(max(x, room), svg.WIDTH - room)
        parts.append(svg.label(at, TOP - 11, target_label, anchor="middle", size=11))
    return "".join(parts)


def _head(row: ChartRow, y: float, left: float) -> str:
    """Status shape and label at the left of a row."""
    return svg.icon(status_of(row.status).icon, 0, y + 6) + svg.label(18, y + 16, svg.fit(row.label, left - 22))


def _unplaced(row: ChartRow, plot: _Plot, y: float) -> str:
    """A row without a place on the scale: hatched band when hidden, only its word otherwise."""
    if row.status == "suppressed":
        return svg.rect(
            plot.left, y + 6, plot.right - plot.left, BAR, svg.HATCH, f' stroke="{svg.PLAIN}"', row.text
        ) + svg.label(svg.WIDTH, y + 17, row.text, anchor="end", fill=svg.MUTED)
    return svg.line(plot.left, y + 13, plot.right, y + 13, svg.PLAIN, 1, ' stroke-dasharray="1 4"') + svg.label(
        svg.WIDTH, y + 17, row.text, anchor="end", fill=svg.MUTED
    )


def bars(
    rows: Sequence[ChartRow],
    *,
    title: str,
    desc: str,
    is_share: bool,
    target: float | None = None,
    target_label: str = "",
) -> Markup:
    """Horizontal bars from zero with the target as a line."""
    plot = _plot(rows, target, is_share)
    parts = [_grid(plot, is_share, target, target_label)]
    for i, row in enumerate(rows):
        y = TOP + ROW * i
        parts.append(_head(row, y, plot.left))
        if row.value is None:
            parts.append(_unplaced(row, plot, y))
            continue
        fill = svg.FILL.get(row.status, svg.PLAIN)
        tip = f"{row.label}：{row.text}"
        parts.append(svg.rect(plot.left, y + 6, plot.x(row.value) - plot.left, BAR, fill, "", tip))
        parts.append(svg.label(svg.WIDTH, y + 17, row.text, anchor="end", bold=True))
    return svg.frame(plot.height, title, desc, "".join(parts))


def marks(rows: Sequence[ChartRow], *, title: str, desc: str) -> Markup:
    """A shape, a label and a word per unit, in two columns: for answers that have no place on a scale."""
    wide, half = svg.WIDTH / 2, -(-len(rows) // 2)
    parts = []
    for i, row in enumerate(rows):
        x, y = wide * (i // half), 4 + ROW * (i % half)
        room = wide - svg.text_width(row.text) - 42
        parts.append(
            svg.icon(status_of(row.status).icon, x, y + 5) + svg.label(x + 18, y + 15, svg.fit(row.label, room))
        )
        bold = row.status == "met"
        parts.append(
            svg.label(x + wide - 16, y + 15, row.text, anchor="end", bold=bold, fill=svg.INK if bold else svg.MUTED)
        )
    return svg.frame(8 + ROW * half, title, desc, "".join(parts))


def dots(
    rows: Sequence[ChartRow],
    *,
    title: str,
    desc: str,
    is_share: bool,
    target: float | None = None,
    target_label: str = "",
) -> Markup:
    """Dots with their 95 % interval; for figures that are judged by the interval."""
    plot = _plot(rows, target, is_share)
    parts = [_grid(plot, is_share, target, target_label)]
    for i, row in enumerate(rows):
        y = TOP + ROW * i
        parts.append(_head(row, y, plot.left))
        if row.value is None:
            parts.append(_unplaced(row, plot, y))
            continue
        colour, middle = svg.LINE.get(row.status, svg.MUTED), y + 13
        if row.lower is not None and row.upper is not None:
            low, high = plot.x(row.lower), plot.x(row.upper)
            parts.append(svg.line(low, middle, high, middle, colour, 2.5))
            parts += [svg.line(x, middle - 4, x, middle + 4, colour, 1.5) for x in (low, high)]
        fill = {"met": svg.MET, "not_met": svg.NOT_MET}.get(row.status, "#fff")
        parts.append(
            f'<circle cx="{svg.num(plot.x(row.value))}" cy="{svg.num(middle)}" r="5" fill="{fill}" '
            f'stroke="{colour}" stroke-width="1.5"><title>{escape(row.label)}：{escape(row.text)}'
            "</title></circle>"
        )
        parts.append(svg.label(svg.WIDTH, y + 17, row.text, anchor="end", bold=True))
    return svg.frame(plot.height, title, desc, "".join(parts))


# Segments in the order of the status words; colour, text colour and outline keep neighbours apart in grey as well.
SEGMENT = {
    "met": (svg.MET, "#fff"),
    "not_met": (svg.NOT_MET, "#1d2733"),
    "not_distinguishable": ("#fff", svg.INK),
    "not_reported": ("#c9d1db", svg.INK),
    "under_review": ("#f3f0e2", svg.INK),
    "suppressed": (svg.HATCH, svg.INK),
}


def stacked(rows: Sequence[tuple[str, Sequence[tuple[str, int, str]]]], *, title: str, desc: str) -> Markup:
    """Stacked 100 % rows of counts by status.

    Args:
        rows: (label, [(status, count, tip)]), statuses in their sort order.
        title: Name of the chart.
        desc: Its description.
    """
    left = min(max((svg.text_width(label) for label, _ in rows), default=40), 130) + 8
    width, parts = svg.WIDTH - left - 1, []
    for i, (label, counts) in enumerate(rows):
        y = 4 + ROW * i
        total = sum(count for _, count, _ in counts)
        parts.append(svg.label(0, y + 15, svg.fit(label, left - 6)))
        x = left
        for status, count, tip in counts:
            if not count or not total:
                continue
            wide = width * count / total
            fill, ink = SEGMENT.get(status, ("#fff", svg.INK))
            parts.append(svg.rect(x, y + 1, wide, 20, fill, f' stroke="{svg.INK}" stroke-width="0.6"', tip))
            text = str(count)
            if wide > svg.text_width(text, 11) + 6:
                if fill == svg.HATCH:
                    room = svg.text_width(text, 11) + 4
                    parts.append(svg.rect(x + wide / 2 - room / 2, y + 4, room, 14, "#fff"))
                parts.append(svg.label(x + wide / 2, y + 15, text, anchor="middle", fill=ink, size=11, cls="k"))
            x += wide
    return svg.frame(8 + ROW * len(rows), title, desc, "".join(parts))

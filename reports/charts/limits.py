"""Values beside one upper limit, drawn so that the distance to the limit is what the eye sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from reports.charts import svg
from reports.vocabulary import status_of

ROW, TOP, BOTTOM = 27, 30, 22


@dataclass(frozen=True)
class LimitRow:
    """One value: its label and text, its distance to the limit in words, and where it may be placed."""

    label: str
    text: str
    distance: str
    status: str
    value: float | None


def limits(rows: Sequence[LimitRow], limit: float, limit_label: str, *, title: str, desc: str) -> Markup:
    """A dot per row, tied to the limit by a bar: blue towards zero, orange beyond."""
    left = min(max((svg.text_width(r.label) for r in rows), default=40), 100) + 24
    right = svg.WIDTH - 112
    reach = max([r.value or 0 for r in rows] + [limit * 1.2])
    high = svg.nice_ceiling(reach)

    def x_of(value: float) -> float:
        return left + (right - left) * min(max(value / high, 0), 1)

    height = TOP + ROW * len(rows) + BOTTOM
    low_y, at = height - BOTTOM, x_of(limit)
    parts = [svg.rect(at, TOP - 4, right - at, low_y - TOP + 4, "#fdf0e7")]
    for value in svg.ticks(0, high):
        x = x_of(value)
        parts.append(svg.line(x, TOP - 4, x, low_y, svg.RULE))
        text = svg.axis_text(round(value, 4), is_share=False)
        parts.append(svg.label(x, low_y + 14, text, anchor="middle", fill=svg.MUTED, size=10.5))
    for i, row in enumerate(rows):
        y = TOP + ROW * i
        parts.append(svg.icon(status_of(row.status).icon, 0, y + 6))
        parts.append(svg.label(18, y + 16, svg.fit(row.label, left - 22)))
        if row.value is None:
            parts.append(svg.label(right + 8, y + 17, row.text, fill=svg.MUTED))
            continue
        x, colour = x_of(row.value), svg.LINE.get(row.status, svg.MUTED)
        fill = svg.FILL.get(row.status, "#fff")
        tie = f' stroke="none" fill-opacity="{0.85 if row.status == "not_met" else 0.3}"'
        parts.append(svg.rect(min(x, at), y + 10, abs(x - at), 6, fill, tie))
        parts.append(
            f'<circle cx="{svg.num(x)}" cy="{svg.num(y + 13)}" r="5" fill="{fill}" stroke="{colour}" '
            f'stroke-width="1.5"><title>{escape(row.label)}：{escape(row.text)}，{escape(row.distance)}</title></circle>'
        )
        parts.append(svg.label(right + 50, y + 17, row.text, anchor="end", bold=True))
        miss = row.status == "not_met"
        ink = "#b8430a" if miss else svg.MUTED
        parts.append(svg.label(svg.WIDTH, y + 17, row.distance, anchor="end", size=11, fill=ink, bold=miss))
    parts.append(svg.line(at, TOP - 8, at, low_y, svg.INK, 1.5, ' stroke-dasharray="4 2"'))
    room = svg.text_width(limit_label, 11) / 2
    parts.append(svg.label(min(max(at, room), svg.WIDTH - room), TOP - 13, limit_label, anchor="middle", size=11))
    return svg.frame(height, title, desc, "".join(parts))

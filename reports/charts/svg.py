"""Elements, palette and scales shared by all charts."""

from __future__ import annotations

import math
import unicodedata
from html import escape

from markupsafe import Markup

INK, MUTED, RULE = "#1d2733", "#55606e", "#d5dbe3"
MET, NOT_MET, PLAIN, TRACK = "#12436d", "#f46a25", "#6b7786", "#e9edf2"
HATCH = "url(#hatch)"
WIDTH = 420  # view units: about the width of a phone, so that text keeps its size there
FONT = 12
LINE_FROM = 5  # fewer points do not make a course worth a line

FILL = {"met": MET, "not_met": NOT_MET}
LINE = {"met": MET, "not_met": "#b8430a"}


def num(value: float) -> str:
    """Shortest coordinate text with one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def text_width(text: str, size: float = FONT) -> float:
    """Estimated width: 1 em for a Chinese character, 0.56 em for the rest."""
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return size * (wide + 0.56 * (len(text) - wide))


def fit(text: str, width: float, size: float = FONT) -> str:
    """Cut a label that would run over, with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def label(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: float = FONT,
    bold: bool = False,
    cls: str = "t",
) -> str:
    """A text element; its content is escaped."""
    weight = ' font-weight="600"' if bold else ""
    middle = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text class="{cls}" x="{num(x)}" y="{num(y)}" font-size="{num(size)}" fill="{fill}"{middle}{weight}>'
        f"{escape(text)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, extra: str = "") -> str:
    """A line element."""
    return (
        f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}" '
        f'stroke="{stroke}" stroke-width="{num(width)}"{extra}/>'
    )


def rect(x: float, y: float, w: float, h: float, fill: str, extra: str = "", tip: str = "") -> str:
    """A rectangle, with a tip if given."""
    head = f'<rect x="{num(x)}" y="{num(y)}" width="{num(max(w, 0))}" height="{num(h)}" fill="{fill}"{extra}'
    return f"{head}><title>{escape(tip)}</title></rect>" if tip else head + "/>"


def icon(name: str, x: float, y: float, size: float = 12) -> str:
    """A status shape of the page's sprite."""
    return f'<use href="#i-{name}" x="{num(x)}" y="{num(y)}" width="{num(size)}" height="{num(size)}"/>'


def frame(height: float, title: str, desc: str, body: str, width: float = WIDTH) -> Markup:
    """The svg element around a chart's body."""
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="chart" viewBox="0 0 {num(width)} {num(height)}" role="img" '
        f'font-family="inherit"><title>{escape(title)}</title><desc>{escape(desc)}</desc>{body}</svg>'
    )


def nice_step(span: float) -> float:
    """Step of 1, 2 or 5 × 10ⁿ that cuts a span into at most five parts."""
    raw = max(span, 1e-9) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * (1 - 1e-9))


def nice_ceiling(value: float) -> float:
    """First tick at or above a value, for an axis from zero."""
    step = nice_step(value)
    return math.ceil(value / step - 1e-9) * step


def ticks(low: float, high: float) -> list[float]:
    """Tick values between two ends that are multiples of the step."""
    step = nice_step(high - low)
    return [low + step * i for i in range(round((high - low) / step) + 1)]


def axis_text(value: float, *, is_share: bool) -> str:
    """Tick label without needless decimals."""
    number = value * 100 if is_share else value
    text = f"{number:,.2f}".rstrip("0").rstrip(".")
    return text + ("%" if is_share else "")

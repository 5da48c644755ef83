"""Word-sized charts beside a number. They repeat what the row says in text, so they are hidden from screen readers."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts import svg

BULLET_WIDTH, SPARK_WIDTH, HEIGHT = 120, 84, 18


def bullet(
    value: float | None, status: str, target: float | None, benchmark: float | None, high: float
) -> Markup:
    """Bar of a value with the target as a stroke and the benchmark as a small diamond."""
    if value is None:
        if status != "suppressed":
            return Markup("")
        body = svg.rect(0.5, 4, BULLET_WIDTH - 1, 9, svg.HATCH, f' stroke="{svg.PLAIN}"')
    else:
        scale = BULLET_WIDTH / high
        body = svg.rect(0, 4, BULLET_WIDTH, 9, svg.TRACK, ' class="tr"') + svg.rect(
            0, 4, min(value * scale, BULLET_WIDTH), 9, svg.FILL.get(status, svg.PLAIN)
        )
        if benchmark is not None:
            x = min(benchmark * scale, BULLET_WIDTH - 4)
            body += f'<path class="bm" d="M{svg.num(x)} 11l3.5 6h-7z" fill="{svg.MUTED}"/>'
        if target is not None:
            x = min(max(target * scale, 1), BULLET_WIDTH - 1)
            body += f'<path class="tg" d="M{svg.num(x)} 1v15" stroke="{svg.INK}" stroke-width="2"/>'
    return Markup(f'<svg class="bl" viewBox="0 0 {BULLET_WIDTH} {HEIGHT}" aria-hidden="true">{body}</svg>')


def spark(values: Sequence[float | None], hidden: Sequence[bool]) -> Markup:
    """Small course: dots, joined from five points on; hidden periods as a hatched band, missing ones left out."""
    known = [v for v in values if v is not None]
    if len(values) < 2 or not known:
        return Markup("")
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    step = (SPARK_WIDTH - 10) / (len(values) - 1)
    path = dots = ""
    parts: list[str] = []
    joined = len(known) >= 5
    previous = False
    for i, value in enumerate(values):
        x = 5 + step * i
        if value is None:
            previous = False
            if hidden[i]:
                parts.append(svg.rect(x - 4, 1, 8, HEIGHT - 2, svg.HATCH))
            continue
        y = 3 + (HEIGHT - 7) * (1 - (value - low) / spread) if high > low else HEIGHT / 2
        path += f"{'L' if previous and joined else 'M'}{svg.num(x)} {svg.num(y)}" if joined else ""
        previous = True
        last = i == len(values) - 1
        if last:
            parts.append(f'<circle cx="{svg.num(x)}" cy="{svg.num(y)}" r="3" fill="{svg.MET}"/>')
        else:  # a stroke of no length with round ends is a dot: half the bytes of a circle
            dots += f"M{svg.num(x)} {svg.num(y)}h0"
    drawn = f'<path d="{path}" fill="none" stroke="{svg.PLAIN}"/>' if path else ""
    if dots:
        drawn += f'<path d="{dots}" stroke="{svg.PLAIN}" stroke-width="4" stroke-linecap="round"/>'
    return Markup(
        f'<svg class="sp" viewBox="0 0 {SPARK_WIDTH} {HEIGHT}" aria-hidden="true">{drawn}{"".join(parts)}</svg>'
    )

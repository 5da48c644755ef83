"""Word-sized charts beside a number, drawn set-wise: one expression draws a column of them.

They repeat what the row says in text, so they are hidden from screen readers. A school page carries up to 120
of them within its 60 KB: whole pixels, size and strokes from the style sheet, no needless quotes.
"""

from __future__ import annotations

import polars as pl

from reports.charts import svg
from reports.runs import runs

BULLET_WIDTH, SPARK_WIDTH, HEIGHT = 120, 84, 18
_BULLET = "<svg class=bl aria-hidden=true>"
_SPINE = "<svg class='bl sn' aria-hidden=true>"
_SPARK = "<svg class=sp aria-hidden=true>"


def _px(value: pl.Expr) -> pl.Expr:
    return value.round(0).cast(pl.Int64).cast(pl.String)


def bullet(benchmark: pl.Expr) -> pl.Expr:
    """Bar of a value with the target as a stroke and the benchmark as a small triangle.

    Args:
        benchmark: Value to compare with, null where it may not be placed.
    """
    value, target = pl.col("plotted"), pl.col("target")
    reach = pl.max_horizontal(value, target, benchmark, pl.lit(1e-9))
    scale = BULLET_WIDTH / pl.when(pl.col("is_share")).then(1.0).otherwise(reach)
    colour = pl.lit("")
    for status, name in (("met", " class=m"), ("not_met", " class=n")):
        colour = pl.when(pl.col("status") == status).then(pl.lit(name)).otherwise(colour)
    bar = pl.format('<path{} d="M0 4h{}v9H0z"/>', colour, _px(value * scale))
    mark = pl.format('<path class=t d="M{} 11l3.5 6h-7z"/>', _px((benchmark * scale).clip(0, BULLET_WIDTH - 4)))
    aim = pl.format(
        '<path class=g d="M{} 1v15"/>',
        _px((target * scale).clip(1, BULLET_WIDTH - 1)),
    )
    drawn = pl.lit(_BULLET) + bar + mark.fill_null("") + aim.fill_null("") + pl.lit("</svg>")
    hidden = f'{_BULLET}<path d="M.5 4h{BULLET_WIDTH - 1}v9H.5z" fill="{svg.HATCH}" stroke="{svg.PLAIN}"/></svg>'
    return (
        pl.when(value.is_not_null())
        .then(drawn)
        .when(pl.col("status") == "suppressed")
        .then(pl.lit(hidden))
        .otherwise(pl.lit(""))
    )


def spine() -> pl.Expr:
    """Own dot among the peers: a line over their range, a box over the middle half, a stroke at the median, the target as a bar.

    Columns: ``plotted``, ``target``, ``status`` and ``peer_low``, ``peer_q1``, ``peer_mid``, ``peer_q3``, ``peer_high``, null without peers.
    Each row has its own scale from the lowest to the highest of what it shows. A value with nothing beside it has no place.
    """
    value, target = pl.col("plotted"), pl.col("target")
    low = pl.min_horizontal(value, target, "peer_low")
    span = pl.max_horizontal(value, target, "peer_high") - low
    room = BULLET_WIDTH - 10

    def x(place: pl.Expr) -> pl.Expr:
        return _px(5 + pl.when(span > 0).then((place - low) / span * room).otherwise(room / 2))

    ends = {name: x(pl.col(f"peer_{name}")) for name in ("low", "q1", "mid", "q3", "high")}
    box = pl.format(
        '<path class=q d="M{} 9H{}M{} 9H{}M{} 4H{}v10H{}zM{} 4v10"/>',
        ends["low"], ends["q1"], ends["q3"], ends["high"], ends["q1"], ends["q3"], ends["q1"], ends["mid"],
    )  # fmt: skip
    aim = pl.format('<path class=g d="M{} 1v16"/>', x(target))
    colour = pl.lit("")
    for status, name in (("met", " m"), ("not_met", " n")):
        colour = pl.when(pl.col("status") == status).then(pl.lit(name)).otherwise(colour)
    dot = pl.format('<path class="o{}" d="M{} 9h0"/>', colour, x(value))
    hidden = f'{_SPINE}<path d="M.5 4h{BULLET_WIDTH - 1}v9H.5z" fill="{svg.HATCH}" stroke="{svg.PLAIN}"/></svg>'
    return (
        pl.when(value.is_not_null() & (target.is_not_null() | pl.col("peer_mid").is_not_null()))
        .then(pl.lit(_SPINE) + box.fill_null("") + aim.fill_null("") + dot + pl.lit("</svg>"))
        .when(pl.col("status") == "suppressed")
        .then(pl.lit(hidden))
        .otherwise(pl.lit(""))
    )


def sparks(frame: pl.DataFrame) -> pl.DataFrame:
    """One small course per series: dots, joined from five points on.

    Hidden periods are a hatched band, missing ones are left out; a course of fewer than two periods is empty.

    Args:
        frame: Rows of one subgroup with ``plotted`` and ``status``, those of a series together and in order of time.

    Returns:
        ``entity``, ``indicator``, ``stage``, ``spark``.
    """
    keys = ["entity", "indicator", "stage"]
    slots = (
        frame.select("indicator", "period")
        .unique()
        .sort("indicator", "period")
        .with_columns(slot=pl.int_range(pl.len()).over("indicator"), slots=pl.len().over("indicator"))
    )  # one place per period of the indicator, so that courses of all schools line up
    rows = (
        frame.select(*keys, "period", "plotted", "status", run=runs(*keys))
        .join(slots, on=["indicator", "period"], how="left", maintain_order="left")
        .filter(pl.col("slots") > 1)
    )
    value, run = pl.col("plotted"), pl.col("run")
    reach = rows.group_by("run").agg(low=value.min(), high=value.max(), known=value.count())
    follows = (
        (run == run.shift()) & (pl.col("slot") == pl.col("slot").shift() + 1) & value.shift().is_not_null()
    ).fill_null(False)
    last, nothing = pl.col("slot") == pl.col("slots") - 1, pl.lit("")
    low, high = pl.col("low"), pl.col("high")
    y = pl.when(high > low).then(3 + (HEIGHT - 7) * (1 - (value - low) / (high - low))).otherwise(HEIGHT / 2)
    at = pl.col("x") + pl.lit(" ") + pl.col("y")
    placed = (
        rows.join(reach, on="run", how="left", maintain_order="left")
        .with_columns(x=_px(5 + (SPARK_WIDTH - 10) * pl.col("slot") / (pl.col("slots") - 1)), y=_px(y))
        .select(
            *keys,
            "run",
            "known",
            band=pl.when(pl.col("status") == "suppressed")
            .then(pl.format(f'<path d="M{{}} 1v16" stroke="{svg.HATCH}" class=h/>', "x"))
            .otherwise(nothing),
            course=pl.when(value.is_null()).then(nothing)
            .otherwise(pl.when(follows).then(pl.lit("L")).otherwise(pl.lit("M")) + at),
            dot=pl.when(value.is_null() | last).then(nothing).otherwise(pl.format("M{}h0", at)),
            end=pl.when(value.is_not_null() & last).then(pl.format('<path class=e d="M{}h0"/>', at)).otherwise(nothing),
        )
    )  # fmt: skip
    # joining is what costs: a line needs five points, a band something hidden, an end is one row
    drawn = placed.group_by("run", maintain_order=True).agg(
        pl.col(*keys, "known").first(), pl.col("end").last(), pl.col("dot").str.join("")
    )
    for name, rare in (("course", pl.col("known") >= svg.LINE_FROM), ("band", pl.col("band") != "")):
        joined = placed.filter(rare).group_by("run").agg(pl.col(name).str.join(""))
        drawn = drawn.join(joined, on="run", how="left", maintain_order="left")
    line = pl.when(pl.col("known") >= svg.LINE_FROM).then(pl.format('<path class=l d="{}"/>', "course"))
    dots = pl.when(pl.col("dot") != "").then(pl.format('<path d="{}"/>', "dot"))
    body = pl.concat_str(pl.col("band").fill_null(""), line.fill_null(""), dots.fill_null(""), "end")
    spark = pl.when(pl.col("known") > 0).then(pl.lit(_SPARK) + body + pl.lit("</svg>")).otherwise(nothing)
    return drawn.select(*keys, spark=spark)

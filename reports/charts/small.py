"""Word-sized charts beside a number, drawn set-wise: one expression draws a column of them.

They repeat what the row says in text, so they are hidden from screen readers. A school page carries up to 120
of them within its 60 KB: whole pixels, size and strokes from the style sheet, no needless quotes.
"""

from __future__ import annotations

import polars as pl

from reports.charts import svg

BULLET_WIDTH, SPARK_WIDTH, HEIGHT = 120, 84, 18
_BULLET = "<svg class=bl aria-hidden=true>"
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


def sparks(frame: pl.DataFrame) -> pl.DataFrame:
    """One small course per series: dots, joined from five points on.

    Hidden periods are a hatched band, missing ones are left out; a course of fewer than two periods is empty.

    Args:
        frame: Rows of one subgroup with ``plotted`` and ``status``.

    Returns:
        ``entity``, ``indicator``, ``stage``, ``spark``.
    """
    keys = ["entity", "indicator", "stage"]
    slots = (frame.select("indicator", "period").unique().sort("indicator", "period")).with_columns(
        slot=pl.int_range(pl.len()).over("indicator"), slots=pl.len().over("indicator")
    )  # one place per period of the indicator, so that courses of all schools line up
    value = pl.col("plotted")
    low, high = value.min().over(keys), value.max().over(keys)
    height = pl.when(high > low).then(3 + (HEIGHT - 7) * (1 - (value - low) / (high - low))).otherwise(HEIGHT / 2)
    x = _px(5 + (SPARK_WIDTH - 10) * pl.col("slot") / (pl.col("slots") - 1))
    y = _px(height)
    follows = (pl.col("slot").shift(1).over(keys) == pl.col("slot") - 1) & value.shift(1).over(keys).is_not_null()
    step = pl.when(follows).then(pl.lit("L")).otherwise(pl.lit("M"))
    last = pl.col("slot") == pl.col("slots") - 1
    points = (
        frame.select(*keys, "period", "plotted", "status")
        .join(slots, on=["indicator", "period"], how="left")
        .filter(pl.col("slots") > 1)
        .sort(*keys, "slot")
        .with_columns(
            line=pl.when(value.is_not_null()).then(step + x + pl.lit(" ") + y),
            dot=pl.when(value.is_not_null() & ~last).then(pl.format("M{} {}h0", x, y)),
            end=pl.when(value.is_not_null() & last).then(pl.format('<path class=e d="M{} {}h0"/>', x, y)),
            band=pl.when(pl.col("status") == "suppressed").then(
                pl.format(f'<path d="M{{}} 1v16" stroke="{svg.HATCH}" class=h/>', x)
            ),
        )
    )
    joined = points.group_by(keys).agg(
        pl.col("line").drop_nulls().str.join(""),
        pl.col("dot").drop_nulls().str.join(""),
        pl.col("end").drop_nulls().str.join(""),
        pl.col("band").drop_nulls().str.join(""),
        known=pl.col("plotted").count(),
    )
    course = pl.when(pl.col("known") >= svg.LINE_FROM).then(pl.format('<path class=l d="{}"/>', pl.col("line")))
    dots = pl.when(pl.col("dot") != "").then(pl.format('<path d="{}"/>', pl.col("dot")))
    body = pl.col("band") + course.fill_null("") + dots.fill_null("") + pl.col("end")
    spark = pl.when(pl.col("known") > 0).then(pl.lit(_SPARK) + body + pl.lit("</svg>")).otherwise(pl.lit(""))
    return joined.select(*keys, spark=spark)

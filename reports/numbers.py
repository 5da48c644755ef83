"""The one formatter of figures: Polars expressions that turn controlled values into the words a reader sees.

Set-wise on purpose: ten thousand school pages carry millions of cells, and a second formatter would sooner or later
print another digit than the first. Rounding is half to even (GB/T 8170). Where one decimal would contradict the
judgement, which is made on the unrounded value (99.96 % of a promise of 100 %), two decimals are shown.
"""

from __future__ import annotations

import polars as pl

from reports.i18n import N_, Gettext

MINUS = "−"  # the minus sign: as wide as the plus, never a hyphen
TAIL_LOW, TAIL_HIGH = "≤5%", "≥95%"
APPROX = "≈"


def thousands(value: pl.Expr) -> pl.Expr:
    """Integer text with separators, up to 999,999,999."""
    n = value.cast(pl.Int64)
    head, tail = n // 1000, (n % 1000).cast(pl.String).str.zfill(3)
    million, middle = n // 1_000_000, (head % 1000).cast(pl.String).str.zfill(3)
    return (
        pl.when(n < 1000)
        .then(n.cast(pl.String))
        .when(n < 1_000_000)
        .then(pl.format("{},{}", head, tail))
        .otherwise(pl.format("{},{},{}", million, middle, tail))
    )


def _fixed(scaled: pl.Expr, digits: int) -> pl.Expr:
    """Text of a non-negative number given as an integer of its last digit: (453, 1) → ``45.3``."""
    n, base = scaled.cast(pl.Int64), 10**digits
    return pl.format("{}.{}", n // base, (n % base).cast(pl.String).str.zfill(digits))


def _signed(value: pl.Expr, digits: int) -> pl.Expr:
    scaled = (value.abs() * 10**digits).round(0)
    sign = pl.when(scaled == 0).then(pl.lit("±")).when(value > 0).then(pl.lit("+")).otherwise(pl.lit(MINUS))
    return sign + _fixed(scaled, digits)


def share_text(value: pl.Expr, target: pl.Expr, missed: pl.Expr, higher: pl.Expr) -> pl.Expr:
    """Percentage with one decimal; two where one decimal would say what is not so.

    Args:
        value: Share, 0 to 1.
        target: Target share or null.
        missed: Whether the judgement is "not met".
        higher: Whether higher is better.
    """
    tenths = (value * 1000).round(0)
    rounded = tenths / 1000
    hides_miss = missed & ((higher & (rounded >= target)) | (~higher & (rounded <= target))).fill_null(False)
    hides_rest = ((rounded >= 1) & (value < 1)) | ((rounded <= 0) & (value > 0))
    floor, ceil = (value * 10_000).floor(), (value * 10_000).ceil()
    fine = pl.when(rounded <= 0).then(ceil).when(hides_rest | higher).then(floor).otherwise(ceil)
    return pl.when(hides_miss | hides_rest).then(_fixed(fine, 2)).otherwise(_fixed(tenths, 1)) + pl.lit("%")


def with_texts(frame: pl.DataFrame, t: Gettext) -> pl.DataFrame:
    """Add ``text``, ``counts``, ``gap`` and ``interval`` to rows of indicator_values.

    Needs the catalogue's ``is_share``, ``higher`` and ``unit_words`` columns joined on already.
    """
    value, target, rule = pl.col("value"), pl.col("target"), pl.col("value_text_rule")
    missed = pl.col("status") == "not_met"
    approx = pl.when(pl.col("rounded")).then(pl.lit(APPROX)).otherwise(pl.lit(""))
    text = (
        pl.when(pl.col("status") == "suppressed")
        .then(pl.lit(t(N_("已隐去"))))
        .when(pl.col("status") == "not_reported")
        .then(pl.lit(t(N_("未报送"))))
        .when(rule == "le5")
        .then(pl.lit(TAIL_LOW))
        .when(rule == "ge95")
        .then(pl.lit(TAIL_HIGH))
        .when(value.is_null())
        .then(pl.lit(t(N_("暂无数据"))))
        .when(pl.col("is_share"))
        .then(share_text(value, target, missed, pl.col("higher")))
        .otherwise(_fixed((value * 100).round(0), 2) + pl.col("unit_words"))
    )
    counts = (
        pl.when(pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null())
        .then(
            approx + thousands(pl.col("numerator").round(0))
            + pl.lit(" / ") + approx + thousands(pl.col("denominator").round(0))
        )
        .when(pl.col("denominator").is_not_null())
        .then(pl.lit("– / ") + approx + thousands(pl.col("denominator").round(0)))
    )  # fmt: skip
    judged = value.is_not_null() & target.is_not_null() & rule.is_null()
    distance = value - target
    gap = pl.when(judged).then(
        pl.when(pl.col("is_share")).then(_signed(distance * 100, 1)).otherwise(_signed(distance, 2))
    )
    low, high = pl.col("lower_95"), pl.col("upper_95")
    interval = pl.when(low.is_not_null() & high.is_not_null() & rule.is_null()).then(
        pl.when(pl.col("is_share"))
        .then(
            _fixed((low * 1000).round(0), 1) + pl.lit("–") + _fixed((high * 1000).round(0), 1) + pl.lit("%")
        )
        .otherwise(_fixed((low * 100).round(0), 2) + pl.lit("–") + _fixed((high * 100).round(0), 2))
    )
    return frame.with_columns(text=text, counts=counts, gap=gap, interval=interval)


def target_text(value: float, operator: str, *, is_share: bool) -> str:
    """A target as documents write it: ``≥95%``, ``<38%``, ``≥2``."""
    number = value * 100 if is_share else value
    digits = f"{number:.2f}".rstrip("0").rstrip(".")
    if is_share and value == 1 and operator == ">=":
        return "100%"  # nobody writes "at least all"
    sign = {">=": "≥", "<=": "≤", "=": "", "==": ""}.get(operator, operator)
    return f"{sign}{digits}{'%' if is_share else ''}"


def percent(value: float) -> str:
    """Axis and share-of-schools label with one decimal."""
    return f"{value * 100:.1f}%"


def points(value: float, *, is_share: bool) -> str:
    """Signed difference of two values in percentage points (or in the unit)."""
    number = value * 100 if is_share else value
    text = f"{abs(number):.{1 if is_share else 2}f}"
    if float(text) == 0:
        return "±" + text
    return ("+" if number > 0 else MINUS) + text


def integer(value: float) -> str:
    """Integer with separators."""
    return f"{value:,.0f}"

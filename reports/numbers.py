"""The one formatter of figures: Polars expressions that turn controlled values into words.

Set-wise on purpose: ten thousand school pages carry millions of cells, and a second formatter would sooner or
later print another digit than the first. Rounding is half up, as Excel and people do it. Where one decimal would
contradict the judgement, which is made on the unrounded value (99.96 % of a promise of 100 %), two are shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import polars as pl

from reports.i18n import N_, Gettext

MINUS = "−"  # the minus sign: as wide as the plus, never a hyphen
TAIL_LOW, TAIL_HIGH = "≤5%", "≥95%"
APPROX = "≈"
Z_95 = 1.96
DIGITS_IN_USE, OTHER_DIGITS = (0, 1, 4), 2
COEFFICIENT_DIGITS = 4


def half_up(value: pl.Expr) -> pl.Expr:
    """Whole number, halves up. The crumb lifts ties such as 2.175, whose double times 100 falls short of the half."""
    return (value + (0.5 + 1e-9)).floor()


def thousands(value: pl.Expr) -> pl.Expr:
    """Integer text with separators, up to 999,999,999,999."""
    n = value.cast(pl.Int64)
    ends = [((n // 1000**k) % 1000).cast(pl.String).str.zfill(3) for k in range(3)]
    heads = [(n // 1000**k).cast(pl.String) for k in range(4)]
    return (
        pl.when(n < 1000)
        .then(heads[0])
        .when(n < 1000**2)
        .then(pl.format("{},{}", heads[1], ends[0]))
        .when(n < 1000**3)
        .then(pl.format("{},{},{}", heads[2], ends[1], ends[0]))
        .otherwise(pl.format("{},{},{},{}", heads[3], ends[2], ends[1], ends[0]))
    )


def fixed(scaled: pl.Expr, digits: int) -> pl.Expr:
    """Text of a non-negative number given as an integer of its last digit: (453, 1) → ``45.3``."""
    n, base = scaled.cast(pl.Int64), 10**digits
    return pl.format("{}.{}", n // base, (n % base).cast(pl.String).str.zfill(digits))


def grouped(scaled: pl.Expr, digits: int) -> pl.Expr:
    """The same with separators, and without a point where there are no decimals: (199960, 2) → ``1,999.60``."""
    n, base = scaled.cast(pl.Int64), 10**digits
    if not digits:
        return thousands(n)
    return pl.format("{}.{}", thousands(n // base), (n % base).cast(pl.String).str.zfill(digits))


def by_digits(words: Callable[[int], pl.Expr]) -> pl.Expr:
    """The expression for each row's own number of decimals (column ``digits``)."""
    chain = words(OTHER_DIGITS)
    for digits in DIGITS_IN_USE:
        chain = pl.when(pl.col("digits") == digits).then(words(digits)).otherwise(chain)
    return chain


def signed(value: pl.Expr, digits: int) -> pl.Expr:
    """Text with a sign; ``±0.0`` where nothing is left after rounding."""
    scaled = half_up(value.abs() * 10**digits)
    sign = pl.when(scaled == 0).then(pl.lit("±")).when(value > 0).then(pl.lit("+")).otherwise(pl.lit(MINUS))
    return sign + grouped(scaled, digits)


def points(value: pl.Expr) -> pl.Expr:
    """A difference in percentage points, or in the unit."""
    return pl.when(pl.col("is_share")).then(signed(value * 100, 1)).otherwise(by_digits(lambda d: signed(value, d)))


def value_text(value: pl.Expr) -> pl.Expr:
    """A value that is judged by nobody, such as a median of others: percentage or number, without its unit."""
    share = fixed(half_up(value * 1000), 1) + pl.lit("%")
    return pl.when(pl.col("is_share")).then(share).otherwise(by_digits(lambda d: grouped(half_up(value * 10**d), d)))


def _gap(value: pl.Expr) -> pl.Expr:
    """Distance to the target; what is missed by less than the last decimal has two more, never "nothing"."""
    coarse = points(value)
    fine = pl.when(pl.col("is_share")).then(signed(value * 100, 3)).otherwise(by_digits(lambda d: signed(value, d + 2)))
    return (
        pl.when(coarse.str.starts_with("±") & (pl.col("status") == "not_met") & (value != 0))
        .then(fine)
        .otherwise(coarse)
    )


def plain_text(value: pl.Expr, target: pl.Expr, missed: pl.Expr, higher: pl.Expr, digits: int) -> pl.Expr:
    """A value that is no share; two decimals more where rounding would say that a missed target is reached."""
    base = 10**digits
    scaled = half_up(value * base)
    rounded = scaled / base
    hides_miss = missed & (value != target) & ((higher & (rounded >= target)) | (~higher & (rounded <= target)))
    finer = value * base * 100
    fine = pl.when(higher).then((finer + 1e-9).floor()).otherwise((finer - 1e-9).ceil())
    return pl.when(hides_miss.fill_null(False)).then(grouped(fine, digits + 2)).otherwise(grouped(scaled, digits))


def share_text(value: pl.Expr, target: pl.Expr, missed: pl.Expr, higher: pl.Expr) -> pl.Expr:
    """Percentage with one decimal; two where one decimal would say what is not so.

    Args:
        value: Share, 0 to 1.
        target: Target share or null.
        missed: Whether the judgement is "not met".
        higher: Whether higher is better.
    """
    tenths = half_up(value * 1000)
    rounded = tenths / 1000
    hides_miss = missed & ((higher & (rounded >= target)) | (~higher & (rounded <= target))).fill_null(False)
    hides_rest = ((rounded >= 1) & (value < 1)) | ((rounded <= 0) & (value > 0))
    floor, ceil = (value * 10_000).floor(), (value * 10_000).ceil()
    fine = pl.when(rounded <= 0).then(ceil).when(hides_rest | higher).then(floor).otherwise(ceil)
    return pl.when(hides_miss | hides_rest).then(fixed(fine, 2)).otherwise(fixed(tenths, 1)) + pl.lit("%")


def _text(t: Gettext) -> pl.Expr:
    value, rule = pl.col("value"), pl.col("value_text_rule")
    missed = pl.col("status") == "not_met"
    return (
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
        .then(share_text(value, pl.col("target"), missed, pl.col("higher")))
        .otherwise(
            by_digits(lambda d: plain_text(value, pl.col("target"), missed, pl.col("higher"), d)) + pl.col("unit_words")
        )
    )


def _counts() -> pl.Expr:
    """Numerator and denominator; a numerator kept as a scaled integer is shown in its own unit (㎡, not 1/100 ㎡)."""
    approx = pl.when(pl.col("rounded")).then(pl.lit(APPROX)).otherwise(pl.lit(""))
    below = approx + thousands(half_up(pl.col("denominator")))
    number = pl.col("numerator")
    above = approx + (
        pl.when(pl.col("scale") == 1)
        .then(thousands(half_up(number)))
        .otherwise(grouped(half_up(number * 100 / pl.col("scale")), 2).str.strip_suffix(".00"))
    )
    return (
        pl.when(pl.col("denominator").is_null() | ~pl.col("counts_shown"))
        .then(pl.lit(None, pl.String))
        .when(number.is_null())
        .then(pl.lit("– / ") + below)
        .otherwise(above + pl.lit(" / ") + below)
    )


def _interval() -> pl.Expr:
    low, high = pl.col("lower_95"), pl.col("upper_95")
    share = fixed(half_up(low * 1000), 1) + pl.lit("–") + fixed(half_up(high * 1000), 1) + pl.lit("%")
    plain = by_digits(lambda d: grouped(half_up(low * 10**d), d) + pl.lit("–") + grouped(half_up(high * 10**d), d))
    shown = low.is_not_null() & high.is_not_null() & pl.col("value_text_rule").is_null()
    return pl.when(shown).then(pl.when(pl.col("is_share")).then(share).otherwise(plain))


def with_texts(frame: pl.DataFrame, t: Gettext) -> pl.DataFrame:
    """Add ``plotted``, ``text``, ``counts``, ``gap`` and ``interval`` to rows of indicator_values.

    ``plotted`` is what a chart may place: null for hidden cells and for tails (≤5 % has no exact place).
    Needs the catalogue's ``is_share``, ``higher``, ``unit_words``, ``digits``, ``scale`` and ``counts_shown``
    joined on already.
    """
    exact = pl.col("value_text_rule").is_null() & ~pl.col("status").is_in(["suppressed", "not_reported"])
    distance = pl.col("plotted") - pl.col("target")
    return frame.with_columns(
        plotted=pl.when(exact).then(pl.col("value")), text=_text(t), counts=_counts(), interval=_interval()
    ).with_columns(gap=_gap(distance))


def with_changes(frame: pl.DataFrame, t: Gettext, wanted: pl.Expr) -> pl.DataFrame:
    """Add ``change`` and ``change_words``: difference to the comparable period one school year before.

    Only ``wanted`` rows are compared, the others get empty words; the order of rows is not kept.

    The words say better or worse, since colours and arrows mean opposite things to readers; figures judged by
    interval are called different only by a two-proportion test at 95 %.
    """
    keys = ["entity", "indicator", "stage", "subgroup"]
    years = pl.col("period").str.slice(0, 4).cast(pl.Int32, strict=False)
    later = pl.format("{}-{}{}", years + 1, years + 2, pl.col("period").str.slice(9))
    before = frame.select(
        *keys,
        later.alias("period"),
        pl.col("plotted").alias("b_value"),
        pl.col("numerator").alias("b_num"),
        pl.col("denominator").alias("b_den"),
    )
    rest = frame.filter(~wanted).with_columns(change=pl.lit(""), change_words=pl.lit(""))
    joined = frame.filter(wanted).join(before, on=[*keys, "period"], how="left")
    delta = pl.col("plotted") - pl.col("b_value")
    n1, n2 = pl.col("denominator"), pl.col("b_den")
    pooled = (pl.col("numerator") + pl.col("b_num")) / (n1 + n2)
    spread = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).sqrt()
    distinct = ((spread > 0) & (delta.abs() >= Z_95 * spread)).fill_null(False)
    text = points(delta)
    words = (
        pl.when(text.is_null())
        .then(pl.lit(""))
        .when(text.str.starts_with("±"))
        .then(pl.lit(t(N_("持平"))))
        .when(pl.col("interval_judged") & ~distinct)
        .then(pl.lit(t(N_("差异不显著"))))
        .when((delta > 0) == pl.col("higher"))
        .then(pl.lit(t(N_("变好"))))
        .otherwise(pl.lit(t(N_("变差"))))
    )
    changed = joined.with_columns(change=text.fill_null(""), change_words=words)
    return pl.concat([changed.drop("b_value", "b_num", "b_den"), rest])


def target_text(value: float, operator: str, *, is_share: bool, digits: int = 2) -> str:
    """A target as documents write it: ``≥95%``, ``<38%``, ``100%``, ``≥2``, ``≤0.50``, ``≥2,000``.

    Args:
        value: The target, a share as a share.
        operator: How a value is compared with it.
        is_share: Whether it is a share.
        digits: Decimals of the values beside it; coefficients (four) keep two in their limit, as the rules print it.
    """
    if is_share and value == 1 and operator == ">=":
        return "100%"  # nobody writes "at least all"
    number = value * 100 if is_share else value
    text = f"{number:,.{max(digits, 2)}f}".rstrip("0")
    whole, _, rest = text.partition(".")
    least = 2 if digits == COEFFICIENT_DIGITS and not is_share else 0
    decimals = rest.ljust(least, "0")
    sign = {">=": "≥", "<=": "≤", "=": "", "==": ""}.get(operator, operator)
    return f"{sign}{whole}{'.' if decimals else ''}{decimals}{'%' if is_share else ''}"


def plain(value: float, digits: int) -> str:
    """A number of a table that is no figure, half up as the formatter does it."""
    scaled = math.floor(abs(value) * 10**digits + 0.5 + 1e-9)
    text = f"{scaled // 10**digits:,}" + (f".{scaled % 10**digits:0{digits}d}" if digits else "")
    return (MINUS if value < 0 and scaled else "") + text


def integer(value: float) -> str:
    """Integer with separators."""
    return f"{value:,.0f}"

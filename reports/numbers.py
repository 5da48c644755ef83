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
LEAST_EXPECTED = 5
Z_998 = 3.090232  # the one level of all comparisons: a page makes dozens of them
MOST_MOVED = 0.2  # part by which the denominator may differ from that of the year before
LAST_DIGIT = 0.0005  # half the last digit a share is shown with: what rounding alone can move
PARTS = {"compulsory": ("primary", "junior"), "all": ("primary", "junior", "senior")}
COEFFICIENT_DIGITS, USUAL_DIGITS = 4, 2
_DECIMALS = 16  # more than any number has


def half_up(value: pl.Expr) -> pl.Expr:
    """Whole number, halves up. The crumb lifts ties such as 2.175, whose double times 100 falls short of the half."""
    return (value + (0.5 + 1e-9)).floor()


def grouped(scaled: pl.Expr, decimals: pl.Expr) -> pl.Expr:
    """Text of a non-negative number given as an integer of its last digit, with separators: (199960, 2) → ``1,999.60``.

    Up to 999,999,999,999 before the point, which is left out where there are no decimals.
    """
    digits = scaled.cast(pl.Int64).cast(pl.String).str.zfill(decimals + 1)
    whole = digits.str.len_bytes().cast(pl.Int64) - decimals  # how many digits stand before the point
    threes = [digits.str.slice((whole - 3 * k).clip(0), (whole - 3 * (k - 1)).clip(0, 3)) for k in (4, 3, 2, 1)]
    heads = pl.concat_list(threes).list.eval(pl.element().filter(pl.element() != "")).list.join(",")
    return heads + pl.when(decimals > 0).then(pl.lit(".") + digits.str.slice(whole)).otherwise(pl.lit(""))


def spelled(frame: pl.DataFrame, **numbers: tuple[pl.Expr, pl.Expr]) -> pl.DataFrame:
    """Add the texts of numbers given as integers of their last digit with their decimals.

    Worked out on the distinct numbers and joined back: thousands of schools count few different ones.
    """
    keys = frame.lazy().select(
        (scaled.cast(pl.Int64) * _DECIMALS + decimals).alias(name) for name, (scaled, decimals) in numbers.items()
    )
    keyed = keys.collect()
    key = pl.col("key")
    distinct = pl.concat([keyed.select(key=name) for name in keyed.columns]).unique().drop_nulls()
    texts = distinct.with_columns(text=grouped(key // _DECIMALS, key % _DECIMALS))
    return frame.with_columns(
        keyed.select(key=name).join(texts, on="key", how="left", maintain_order="left")["text"].alias(name)
        for name in keyed.columns
    )


def power(decimals: pl.Expr) -> pl.Expr:
    """Ten to the number of decimals, exactly."""
    return pl.lit(10, pl.Int64).pow(decimals).cast(pl.Float64)


def signed(value: pl.Expr, decimals: pl.Expr) -> pl.Expr:
    """Text with a sign; ``±0.0`` where nothing is left after rounding."""
    scaled = half_up(value.abs() * power(decimals))
    sign = pl.when(scaled == 0).then(pl.lit("±")).when(value > 0).then(pl.lit("+")).otherwise(pl.lit(MINUS))
    return sign + grouped(scaled, decimals)


def _in_words() -> tuple[pl.Expr, pl.Expr]:
    """What a value is multiplied by to be read (a share as percent), and its decimals then."""
    share = pl.col("is_share")
    return pl.when(share).then(100.0).otherwise(1.0), pl.when(share).then(1).otherwise(
        pl.col("digits").fill_null(USUAL_DIGITS)
    )


def points(value: pl.Expr) -> pl.Expr:
    """A difference in percentage points, or in the unit."""
    factor, decimals = _in_words()
    return signed(value * factor, decimals)


def _rounded(value: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """A value as an integer of its last digit, what it was multiplied by for that, and its decimals."""
    factor, decimals = _in_words()
    base = factor * power(decimals)
    return half_up(value * base), base, decimals


def _percent() -> pl.Expr:
    return pl.when(pl.col("is_share")).then(pl.lit("%")).otherwise(pl.lit(""))


def value_text(value: pl.Expr) -> pl.Expr:
    """A value that is judged by nobody, such as a median of others: percentage or number, without its unit."""
    scaled, _, decimals = _rounded(value)
    return grouped(scaled, decimals) + _percent()


def _judged() -> tuple[pl.Expr, pl.Expr]:
    """A value beside its target as an integer of its last digit, and its decimals: finer where rounding would say what is not so.

    A share gets one decimal more, a number two, where a missed target would look reached; a share also where almost all
    would look like all, or a little like nothing.
    """
    value, share, higher, target = (pl.col(c) for c in ("value", "is_share", "higher", "target"))
    scaled, base, decimals = _rounded(value)
    rounded = scaled / base
    reached = (higher & (rounded >= target)) | (~higher & (rounded <= target))
    hides_miss = ((pl.col("status") == "not_met") & reached & (share | (value != target))).fill_null(False)
    hides_rest = share & (((rounded >= 1) & (value < 1)) | ((rounded <= 0) & (value > 0)))
    more = pl.when(share).then(1).otherwise(2)
    finer, crumb = value * (base * power(more)), pl.when(share).then(0.0).otherwise(1e-9)
    up = pl.when(share).then((rounded <= 0) | ~(hides_rest | higher)).otherwise(~higher)
    fine = pl.when(up).then((finer - crumb).ceil()).otherwise((finer + crumb).floor())
    hides = hides_miss | hides_rest
    return pl.when(hides).then(fine).otherwise(scaled), pl.when(hides).then(decimals + more).otherwise(decimals)


def _text(t: Gettext) -> pl.Expr:
    rule, unit = pl.col("value_text_rule"), pl.when(pl.col("is_share")).then(pl.lit("%")).otherwise("unit_words")
    return (
        pl.when(pl.col("status") == "suppressed")
        .then(pl.lit(t(N_("已隐去"))))
        .when(pl.col("status") == "not_reported")
        .then(pl.lit(t(N_("未报送"))))
        .when(rule == "le5")
        .then(pl.lit(TAIL_LOW))
        .when(rule == "ge95")
        .then(pl.lit(TAIL_HIGH))
        .when(pl.col("value").is_null())
        .then(pl.lit(t(N_("暂无数据"))))
        .otherwise(pl.col("_value") + unit)
    )


def _above() -> tuple[pl.Expr, pl.Expr]:
    """The numerator; one kept as a scaled integer is shown in its own unit (㎡, not 1/100 ㎡)."""
    number, scale = pl.col("numerator"), pl.col("scale")
    hundredths = half_up(number * 100 / scale)
    split = (scale != 1) & (hundredths % 100 != 0)
    units = pl.when(scale == 1).then(half_up(number)).otherwise((hundredths / 100).floor())
    return pl.when(split).then(hundredths).otherwise(units), pl.when(split).then(2).otherwise(0)


def _counts() -> pl.Expr:
    approx = pl.when(pl.col("rounded")).then(pl.lit(APPROX)).otherwise(pl.lit(""))
    above = pl.when(pl.col("numerator").is_null()).then(pl.lit("–")).otherwise(approx + pl.col("_above"))
    shown = pl.col("denominator").is_not_null() & pl.col("counts_shown")
    return pl.when(shown).then(above + pl.lit(" / ") + approx + pl.col("_below"))


def _interval(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with their ``interval``."""
    (low, _, decimals), (high, _, _) = (_rounded(pl.col(c)) for c in ("lower_95", "upper_95"))
    told = spelled(frame, _low=(low, decimals), _high=(high, decimals))
    return told.with_columns(interval=pl.col("_low") + pl.lit("–") + pl.col("_high") + _percent())


def _gap(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with their ``gap`` to the target; what is missed by less than the last decimal has two more, never "nothing"."""
    value = pl.col("plotted") - pl.col("target")
    factor, decimals = _in_words()
    moved = value * factor
    nothing = (pl.col("status") == "not_met") & (value != 0) & (half_up(moved.abs() * power(decimals)) == 0)
    return frame.with_columns(gap=signed(moved, pl.when(nothing).then(decimals + 2).otherwise(decimals)))


def _of_some(
    frame: pl.DataFrame, which: pl.Expr, add: Callable[[pl.DataFrame], pl.DataFrame], name: str
) -> pl.DataFrame:
    """Add a column that only some rows have; it is worked out for them alone, and the order is kept."""
    numbered = frame.with_row_index("_row")
    some = add(numbered.filter(which)).select("_row", name)
    every = numbered.select("_row").join(some, on="_row", how="left", maintain_order="left")
    return frame.with_columns(every[name])


def with_texts(frame: pl.DataFrame, t: Gettext, beside: pl.Expr | None = None) -> pl.DataFrame:
    """Add ``plotted``, ``text``, ``counts``, ``gap`` and ``interval`` to rows of indicator_values.

    ``plotted`` is what a chart may place: null for hidden cells and for tails (≤5 % has no exact place).
    Needs the catalogue's ``is_share``, ``higher``, ``unit_words``, ``digits``, ``scale`` and ``counts_shown``
    joined on already.

    Args:
        frame: The rows.
        t: Look-up for the words.
        beside: Rows that get ``gap`` and ``interval``, where they have one; default: all.
    """
    every = pl.lit(True) if beside is None else beside
    told = spelled(
        frame, _value=_judged(), _above=_above(), _below=(half_up(pl.col("denominator")), pl.lit(0, pl.Int64))
    )
    plain = pl.col("value_text_rule").is_null()
    exact = plain & ~pl.col("status").is_in(["suppressed", "not_reported"])
    worded = told.with_columns(plotted=pl.when(exact).then(pl.col("value")), text=_text(t), counts=_counts()).drop(
        "_value", "_above", "_below"
    )
    bounded = every & plain & pl.col("lower_95").is_not_null() & pl.col("upper_95").is_not_null()
    aimed = every & pl.col("plotted").is_not_null() & pl.col("target").is_not_null()
    return _of_some(_of_some(worded, bounded, _interval, "interval"), aimed, _gap, "gap")


def with_changes(frame: pl.DataFrame, t: Gettext, wanted: pl.Expr) -> pl.DataFrame:
    """Add ``change`` and ``change_words``: difference to the comparable period one school year before.

    Only ``wanted`` rows are compared, the others get empty words; the order is kept.

    The words say better or worse, since colours and arrows mean opposite things to readers; figures judged by
    interval are called different only by a two-proportion test at 99.8 %. Means and quantities, whose spread is not
    known here, get the sign alone.
    No share is called better or worse where it is of other people than the year before: where the denominator moved
    by more than a fifth, or where stages taken together moved further than any of them (see `_with_mix`).
    """
    keys = ["entity", "indicator", "stage", "subgroup"]
    numbered = frame.with_row_index("_row")
    rows = numbered.filter(wanted)
    years = pl.col("period").str.slice(0, 4).cast(pl.Int32, strict=False)
    later = pl.format("{}-{}{}", years + 1, years + 2, pl.col("period").str.slice(9))
    follows = frame.select(pl.col("period").unique()).with_columns(later=later)
    asked = follows.join(rows.select("period").unique(), left_on="later", right_on="period", how="semi")
    before = (
        frame.join(asked, on="period", how="inner")
        .filter(pl.col("plotted").is_not_null())
        .select(
            *keys,
            period="later",
            b_value="plotted",
            b_num="numerator",
            b_den="denominator",
        )
    )
    delta = pl.col("plotted") - pl.col("b_value")
    n1, n2 = pl.col("denominator"), pl.col("b_den")
    pooled = (pl.col("numerator") + pl.col("b_num")) / (n1 + n2)
    spread = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).sqrt()
    distinct = ((spread > 0) & (delta.abs() >= Z_998 * spread)).fill_null(False)
    compared = (
        rows.join(before, on=[*keys, "period"], how="inner")
        .filter(delta.is_not_null())
        .with_columns(
            change=points(delta),
            delta=delta,
            distinct=distinct,
            resized=(pl.col("is_share") & ((n1 - n2).abs() > MOST_MOVED * n2)).fill_null(False),
        )
        .pipe(_with_mix, rows)
    )
    words = (
        pl.when("resized")
        .then(pl.lit(t(N_("分母变化大，不作比较"))))
        .when("mixed")
        .then(pl.lit(t(N_("构成变化，不作比较"))))
        .when(pl.col("change").str.starts_with("±"))
        .then(pl.lit(t(N_("持平"))))
        .when(~pl.col("is_share"))
        .then(pl.lit(""))
        .when(pl.col("interval_judged") & ~pl.col("distinct"))
        .then(pl.lit(t(N_("差异不显著"))))
        .when((pl.col("delta") > 0) == pl.col("higher"))
        .then(pl.lit(t(N_("变好"))))
        .otherwise(pl.lit(t(N_("变差"))))
    )
    told = numbered.select("_row").join(
        compared.select("_row", "change", change_words=words), on="_row", how="left", maintain_order="left"
    )
    return frame.hstack(told.select(pl.col("change", "change_words").fill_null("")))


def differ(a: float, n: float, b: float, m: float) -> bool | None:
    """Whether a of n and b of m differ by more than chance: two-proportion test at 99.8 %, as the page of comparisons makes it.

    Returns:
        None where fewer than five are expected on a side, which is too few to test.
    """
    share = (a + b) / (n + m)
    if min(n, m) * min(share, 1 - share) < LEAST_EXPECTED:
        return None
    spread = math.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return abs(a / n - b / m) >= Z_998 * spread


def _with_mix(compared: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``mixed``: a share of several stages moved beyond the changes of all of them, so their mix moved it.

    A total is a mean of its parts, and with parts of the same size it moves no further than the one that moved most,
    nor less than the one that moved least (Simpson's paradox is when it does). Only where every stage is compared.
    """
    keys = ["entity", "indicator", "subgroup", "period"]
    parts = pl.concat(
        compared.lazy().filter(pl.col("stage").is_in(stages)).with_columns(stage=pl.lit(total))
        for total, stages in PARTS.items()
    )
    there = pl.concat(
        rows.lazy().filter(pl.col("stage").is_in(stages)).with_columns(stage=pl.lit(total))
        for total, stages in PARTS.items()
    )
    span = parts.group_by(*keys, "stage").agg(least=pl.col("delta").min(), most=pl.col("delta").max(), told=pl.len())
    held = there.group_by(*keys, "stage").agg(parts=pl.len())
    beyond = ~pl.col("delta").is_between(pl.col("least") - LAST_DIGIT, pl.col("most") + LAST_DIGIT)
    found = (
        compared.lazy()
        .join(span, on=[*keys, "stage"], how="left", maintain_order="left")
        .join(held, on=[*keys, "stage"], how="left", maintain_order="left")
        .with_columns(mixed=(pl.col("is_share") & (pl.col("told") == pl.col("parts")) & beyond).fill_null(False))
    )
    return found.collect()


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

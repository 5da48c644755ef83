"""Cells of the books as Polars expressions: the number a page shows, its Excel format, text that no program takes for a formula.

Numbers are read back from the words of the one formatter (`reports.numbers`), so a cell has the decimals of the page and no other digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from reports.i18n import N_, Gettext
from reports.numbers import APPROX, MINUS

_NUMBER = rf"^[+±{APPROX}{MINUS}]?[\d,]+(\.\d+)?%?$"
_FORMULA = r"^[=+\-@\t\r]"
_WHOLE = "#,##0"
_DECIMALS = range(9)

Blank = tuple[Sequence[str], pl.Expr]


def number(text: pl.Expr) -> pl.Expr:
    """The number that a text of the formatter shows, a percentage as a share; null where it shows none (words, bounds, nothing)."""
    plain = text.str.replace_all(f"[,+±%{APPROX}]", "").str.replace(MINUS, "-").cast(pl.Float64, strict=False)
    shown = pl.when(text.str.ends_with("%")).then((plain / 100).round(8)).otherwise(plain)
    return pl.when(text.str.contains(_NUMBER)).then(shown)


def excel_format(text: pl.Expr, *, signed: bool = False) -> pl.Expr:
    """Excel's number format that prints the text again.

    Args:
        text: Text of the formatter.
        signed: Whether a sign is always printed, `±` where nothing is left after rounding.
    """
    digits = text.str.extract(r"\.(\d+)").str.len_chars().fill_null(0)
    formats = {d: _WHOLE + ("." + "0" * d if d else "") for d in _DECIMALS}
    body = digits.cast(pl.Int64).replace_strict(formats, return_dtype=pl.String)
    if signed:
        return pl.format('+{};-{};"±"{}', body, body, body)
    return pl.when(text.str.ends_with("%")).then(body + pl.lit("%")).otherwise(body)


def neutral(text: pl.Expr) -> pl.Expr:
    """Text of a csv cell that no spreadsheet takes for a formula: an apostrophe before what would begin one."""
    return pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)


def blank(key: str, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell of a column is empty."""
    column = pl.col(key)
    return column.is_null() | (column == "") if dtype == pl.String else column.is_null()


def reasons(frame: pl.DataFrame, blanks: Sequence[Blank], titles: Mapping[str, str], t: Gettext) -> pl.Series:
    """Why cells of a row are empty, rule by rule, with the columns each speaks of (``目标、距目标：未设目标``); nothing for a full row.

    Args:
        frame: The rows.
        blanks: The rules: columns, and why one of them is empty.
        titles: Titles of the sheet's columns; others are not spoken of.
        t: Look-up for the punctuation.
    """
    words = []
    for keys, said in blanks:
        names = [
            pl.when(blank(k, frame.schema[k])).then(pl.lit(titles[k].partition("（")[0])) for k in keys if k in titles
        ]
        if names:
            named = pl.concat_list(names).list.drop_nulls()
            empty = named.list.join(t(N_("、"))) + pl.lit(t(N_("："))) + said
            words.append(pl.when(named.list.len() > 0).then(empty))
    if not words:
        return pl.Series("why", [""] * frame.height, dtype=pl.String)
    told = frame.select(pl.concat_list(words).list.drop_nulls().alias("why"))
    return told.select(pl.col("why").list.join(t(N_("；"))))["why"]

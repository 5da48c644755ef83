"""Identifiers of pupils: checked in bulk, never repaired, and replaced by keyed tokens before a row leaves the reader."""

from __future__ import annotations

import re

import polars as pl

from expectations.contract import Column
from orchestration.ingest.findings import Findings
from orchestration.ingest.pseudonyms import Pseudonymiser

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# [0-9], since \d would take full-width digits for well written, and another token with them.
_FORM = {"xjh": r"^[GJL]?[0-9]{17}[0-9X]$", "id_number": r"^[0-9]{17}[0-9X]$", "pupil_no": r"^[0-9A-Z_-]{1,30}$"}
_CUT = re.compile(r"G?[0-9]{15}000$")  # J and L numbers end in no check digit
_BLANK = r"^(?:|/|-+|—+|无|暂无|NULL|NONE|N/A)$"


def check_digit_holds(number: str) -> bool:
    """Whether an 18-character resident number ends in its check character (GB 11643)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True)) % 11] == number[17]


def parse_identifier(rows: pl.DataFrame, column: Column, kind: str, findings: Findings) -> pl.DataFrame:
    """Folds one identifier column and finds damaged and ill-formed ones; blanks become null.

    Nearly all identifiers are well written, so only the others are folded, and only those that end in 000 looked at twice.
    """
    given = rows[column.name]
    odd = (~given.str.contains(_FORM[kind]) | given.str.contains(_BLANK)).arg_true()
    if odd.len():
        text = pl.col("t")
        folded = text.str.normalize("NFKC").str.replace_all(r"[\s'`’‘]", "").str.to_uppercase()
        mended = given.gather(odd).alias("t").to_frame().select(pl.when(~folded.str.contains(_BLANK)).then(folded))["t"]
        if kind == "pupil_no":
            mended = mended.str.replace(r"\.0$", "")
        given = given.scatter(odd, mended)
        rows = rows.with_columns(given.alias(column.name))
    scientific = given.gather(odd).str.contains(r"^\d(?:\.\d+)?E\+?\d+$").fill_null(False)
    damaged = odd.filter(scientific)
    ill_formed = odd.filter(~scientific & (~given.gather(odd).str.contains(_FORM[kind])).fill_null(False))
    if kind != "pupil_no":
        # Excel keeps 15 digits and zeroes the rest; a true number may end in 000 too, but then its check digit holds.
        round_ones = given.str.ends_with("000").arg_true()
        tails = given.gather(round_ones)
        broken = [
            t for t in tails.unique().drop_nulls() if _CUT.match(t) and not check_digit_holds(t.removeprefix("G"))
        ]
        damaged = pl.concat([damaged, round_ones.filter(tails.is_in(broken))])
    findings.add(rows[damaged], pl.lit(True), column.name, "id_damaged")
    findings.add(rows[ill_formed], pl.lit(True), column.name, "id_invalid")
    return rows


def _tokens(rows: pl.DataFrame, text: pl.Expr, purpose: str, pseudonymiser: Pseudonymiser) -> pl.Series:
    given = rows.select(text.alias("t"))["t"]
    if given.null_count() == rows.height:
        return pl.Series(purpose, [None] * rows.height, pl.Binary)
    distinct = given.unique().drop_nulls()
    table = pl.DataFrame({"t": distinct, "token": pl.Series(pseudonymiser.tokens(purpose, distinct), dtype=pl.Binary)})
    return given.to_frame().join(table, on="t", how="left", maintain_order="left")["token"]


def tokenise(rows: pl.DataFrame, pseudonymiser: Pseudonymiser, *, everywhere: bool) -> pl.DataFrame:
    """Replaces pupil_xjh, pupil_id and pupil_no by tokens, and adds pupil_num, which is 学号 without its school.

    Only rosters have pupil_num everywhere; a record has it where its file does not say the school, so that a number that
    its own school does not know is never looked for at another.
    """
    number = pl.col("pupil_no")
    alone = number if everywhere else pl.when(pl.col("school").is_null()).then(number)
    return rows.with_columns(
        _tokens(rows, pl.col("pupil_xjh").str.replace(r"^[GJL]", ""), "xjh", pseudonymiser).alias("pupil_xjh"),
        _tokens(rows, pl.col("pupil_id"), "id", pseudonymiser).alias("pupil_id"),
        _tokens(rows, pl.col("school") + "|" + number, "no", pseudonymiser).alias("pupil_no"),
        _tokens(rows, alone, "num", pseudonymiser).alias("pupil_num"),
    )

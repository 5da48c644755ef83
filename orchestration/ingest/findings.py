"""Collects what is wrong with rows, and turns it into one sentence per row that a clerk understands."""

from __future__ import annotations

import polars as pl

from expectations.contract import Column, Contract, RowRule
from orchestration.ingest.rules import PRIORITY, ROW_RULES

# Only what looks like a measure or a date is ever quoted; a name or an ID number that slipped into a wrong column is not.
# Nor is a run of seven digits, which may be a pupil's number or a part of a phone's.
_QUOTABLE = r"^[0-9./:,'″′\"+\-−–xX<>]{1,10}$"
_NUMBER = r"[0-9]{7}"
_SCHEMA: dict[str, type[pl.DataType]] = {
    "_row": pl.Int64, "part_key": pl.Int32, "row_number": pl.Int32, "column_name": pl.String,
    "rule": pl.String, "hint": pl.String, "hint_en": pl.String, "shown": pl.String,
}  # fmt: skip


class Findings:
    """Findings of one batch; rows are known by `_row`, which this class sees to."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._frames: list[pl.DataFrame] = []

    def _take(
        self,
        rows: pl.DataFrame,
        mask: pl.Expr,
        title: pl.Expr,
        rule: str,
        hint: str | None = None,
        hint_en: str | None = None,
    ) -> None:
        found = (
            rows.lazy()  # so that only the columns that are asked for are gathered
            .filter(mask.fill_null(False))
            .select("_row", "part_key", "row_number", title.alias("column_name"))
            .collect()
        )
        if found.height:
            self._frames.append(
                found.with_columns(
                    pl.lit(rule).alias("rule"), pl.lit(hint, pl.String).alias("hint"), pl.lit(hint_en, pl.String).alias("hint_en"),
                    pl.lit(None, pl.String).alias("shown"),
                )
            )  # fmt: skip

    def _title(self, name: str) -> str:
        return self.contract.by_name[name].title if name in self.contract.by_name else name

    def add(self, rows: pl.DataFrame, mask: pl.Expr, column: str, rule: str, hint: str | None = None) -> None:
        """Rows where `mask` is true break `rule` in `column` (canonical name); `hint` names the likely cause."""
        self._take(rows, mask, pl.lit(self._title(column)), rule, hint)

    def add_titled(self, rows: pl.DataFrame, mask: pl.Expr, title: pl.Expr, rule: str) -> None:
        """As `add`, the column's title taken from the row."""
        self._take(rows, mask, title, rule)

    def add_rule(self, rows: pl.DataFrame, mask: pl.Expr, rule: RowRule) -> None:
        """A rule of the contract over several columns, with its own sentence."""
        self._take(rows, mask, pl.lit(rule.column), rule.name, rule.reason_zh, rule.reason_en)

    def add_parsed(self, rows: pl.DataFrame, joined: pl.DataFrame, column: Column) -> None:
        """Broken values of one column: `joined` is row-aligned and has _text, _rule, _hint."""
        quotable = (
            pl.col("_text").str.contains(_QUOTABLE) & ~pl.col("_text").str.contains(_NUMBER)
            if column.classification == "open" and "birth" not in column.name
            else pl.lit(False)
        )
        found = pl.concat(
            [rows.select("_row", "part_key", "row_number"), joined.select("_text", "_rule", "_hint")], how="horizontal"
        )
        found = found.filter(pl.col("_rule").is_not_null())
        if found.height:
            self._frames.append(
                found.select(
                    "_row", "part_key", "row_number", pl.lit(column.title).alias("column_name"), pl.col("_rule").alias("rule"),
                    pl.col("_hint").alias("hint"), pl.lit(None, pl.String).alias("hint_en"), pl.when(quotable).then(pl.col("_text")).alias("shown"),
                )
            )  # fmt: skip

    def rows_with(self, *rules: str) -> pl.Series:
        """`_row` of the rows that break one of the rules so far."""
        found = [f.filter(pl.col("rule").is_in(rules))["_row"] for f in self._frames]
        return pl.concat(found).unique() if found else pl.Series("_row", [], pl.Int64)

    def table(self) -> pl.DataFrame:
        """One row per rejected row: its first rule by priority, and all of its findings in one sentence."""
        schema = {
            "_row": pl.Int64,
            "part_key": pl.Int32,
            "row_number": pl.Int32,
            "column_name": pl.String,
            "rule": pl.String,
            "reason_zh": pl.String,
            "reason_en": pl.String,
        }
        if not self._frames:
            return pl.DataFrame(schema=schema)
        order = {rule: i for i, rule in enumerate(PRIORITY)}
        words = pl.DataFrame(
            {
                "rule": list(ROW_RULES),
                "_zh": [w[0] for w in ROW_RULES.values()],
                "_en": [w[1] for w in ROW_RULES.values()],
            }
        )
        every = pl.concat([f.cast(pl.Schema(_SCHEMA)) for f in self._frames]).unique(
            subset=["_row", "column_name", "rule"], keep="first", maintain_order=True
        )
        every = every.with_columns(
            pl.col("rule").replace_strict(order, default=len(order), return_dtype=pl.Int32).alias("_order")
        )
        every = every.join(words, on="rule", how="left").sort("_row", "_order", "column_name")
        # A row that is refused for a cause is not told about its consequences as well.
        shown = (
            pl.when(pl.col("shown").is_not_null())
            .then(pl.lit("（填的是 ") + pl.col("shown") + "）")
            .otherwise(pl.lit(""))
        )
        hint = pl.when(pl.col("hint").is_not_null()).then(pl.lit("，") + pl.col("hint")).otherwise(pl.lit(""))
        whole = pl.col("hint_en").is_not_null()
        zh = (
            pl.when(whole)
            .then(pl.lit("“") + pl.col("column_name") + "”：" + pl.col("hint"))
            .otherwise(pl.lit("“") + pl.col("column_name") + "”" + pl.col("_zh") + hint + shown)
        )
        en = (
            pl.when(whole)
            .then(pl.col("column_name") + ": " + pl.col("hint_en"))
            .otherwise(pl.col("column_name") + " " + pl.col("_en"))
        )
        every = every.with_columns(zh.alias("_sentence_zh"), en.alias("_sentence_en"))
        return (
            every.group_by("_row", maintain_order=True)
            .agg(
                pl.col("part_key", "row_number", "column_name", "rule").first(),
                (pl.col("_sentence_zh").str.join("；") + "。").alias("reason_zh"),
                (pl.col("_sentence_en").str.join("; ") + ".").alias("reason_en"),
            )
            .select(list(schema))
        )

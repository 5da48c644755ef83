"""Text rows of one feed → typed base rows and findings, a whole batch of files at a time.

Every column is parsed on its distinct values and joined back, so the cost follows the vocabulary, not the rows. Parts (one feed of one
sheet) travel as integer `part_key`; what is true of a whole part sits in a small frame beside the rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from expectations.contract import Column, Contract
from orchestration.ingest import values
from orchestration.ingest.findings import Findings
from orchestration.ingest.grids import NOTE_ROW
from orchestration.ingest.identifiers import parse_identifier, tokenise
from orchestration.ingest.parts import ALSO, IDENTIFIERS, Part, rows_of
from orchestration.ingest.pseudonyms import Pseudonymiser
from orchestration.ingest.shapes import SHAPES
from orchestration.ingest.standards import Calendar, load_acuity_table

POLARS_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "DATE": pl.Date(),
    "BOOLEAN": pl.Boolean(),
    "BLOB": pl.Binary(),
}
TWO_LISTS = (
    "ambiguous_columns",
    "表中间又有一行表头，各列与前面的不同，不能确定下面各行的含义；请把两张表分开，各自报送。",
    "A second header in the middle of the sheet names other columns.",
)
# Columns that a prepared form carries in every row, filled in or not: they do not make a row of data.
PREFILLED = frozenset(
    {
        "school",
        "school_name",
        "county",
        "county_name",
        "period_stated",
        "school_year_stated",
        "grade",
        "class_no",
        "class_name",
        "sex",
        "item",
        "stage",
    }
)
_EXAMPLE = r"示例|样例|^\{\.?\w+\}$"


@dataclass
class Normalised:
    """A batch of one feed after reading."""

    accepted: pl.DataFrame
    """Base columns plus part_key."""
    rejected: pl.DataFrame
    """part_key, row_number, column_name, rule, reason_zh, reason_en: one row per rejected data row."""
    counts: pl.DataFrame
    """part_key, rows_read, rows_not_data."""
    refused: dict[int, tuple[str, str, str]]
    """part_key → (rule, zh, en) for parts refused as a whole."""


def base_schema(contract: Contract) -> dict[str, pl.DataType]:
    """Column names and types of a feed's base table, in order."""
    shape = SHAPES.get(contract.feed)
    schema: dict[str, pl.DataType] = {
        "delivery_id": pl.String(),
        "file_sha256": pl.String(),
        "member": pl.String(),
        "sheet": pl.String(),
        "part": pl.Int32(),
        "row_number": pl.Int32(),
        "version": pl.Int32(),
        "payload_date": pl.Date(),
        "receipt": pl.Int64(),
        "replace_scope": pl.Boolean(),
        "period": pl.String(),
        "school_year": pl.String(),
        "school": pl.String(),
        "layout": pl.String(),
    }
    own = {c.name: POLARS_TYPES[c.physical_type] for c in contract.columns if c.stored}
    for name in ("school", "period_stated", "school_year_stated"):
        own.pop(name, None)
    if contract.has_pupils:
        own["pupil_num"] = pl.Binary()
    if shape:
        own = shape.columns(own)
    return {**schema, **own}


class Normaliser:
    """Reads batches with the contracts, calendar and key of one installation."""

    def __init__(self, contracts: Mapping[str, Contract], calendar: Calendar, pseudonymiser: Pseudonymiser) -> None:
        self.contracts = contracts
        self.calendar = calendar
        self.pseudonymiser = pseudonymiser
        self._parsers: dict[tuple[str, str], values.Parser] = {}
        self._memo: dict[tuple[str, str], dict[str, values.Parsed]] = {}

    def normalise(self, feed: str, parts: list[Part]) -> Normalised:
        """Normalises all parts of one feed together; the result does not depend on how parts are batched."""
        contract = self.contracts[feed]
        rows = rows_of(contract, parts).with_row_index("_row").with_columns(pl.col("_row").cast(pl.Int64))
        facts = _facts(parts)
        given = [c for c in contract.columns if c.name in rows.columns]
        rows = rows.with_columns(_not_data(given).alias("_not_data"))
        counts = rows.group_by("part_key").agg(
            pl.len().cast(pl.Int64).alias("rows_read"), pl.col("_not_data").sum().cast(pl.Int64).alias("rows_not_data")
        )
        two_lists = rows.filter(pl.col("_other_list"))["part_key"].unique()
        rows = rows.filter(~pl.col("_not_data")).drop("_not_data")
        rows = rows.hstack(facts.drop("part_key")[rows["part_key"]])
        findings = Findings(contract)
        rows = self._parse_columns(contract, given, rows, parts, findings)
        rows = _place(contract, rows, findings)
        rows = self._date(contract, rows, findings)
        refused = dict.fromkeys(two_lists.to_list(), TWO_LISTS) | _contradictions(rows, parts)
        if "county" in contract.by_name:
            county = pl.col("county") if "county" in rows.columns else pl.lit(None, pl.String)
            rows = rows.with_columns(pl.coalesce(county, pl.col("_ctx_county")).alias("county"))
        for name in (*(c.name for c in contract.columns if c.required), *contract.requires):
            if name in rows.columns and name != "school":
                findings.add(rows, pl.col(name).is_null(), name, "missing_required")
            elif name not in rows.columns and name != "school":
                findings.add(rows, pl.lit(True), name, "missing_required")
        for rule in contract.rules:
            needed = [n for n in contract.by_name if n in set(re.findall(r"[a-z_0-9]+", rule.expression))]
            # Columns that no file of the batch has count as blank, so that a verdict does not depend on the batch.
            judged = rows.with_columns(
                pl.lit(None, POLARS_TYPES[contract.by_name[n].physical_type]).alias(n)
                for n in needed
                if n not in rows.columns
            )
            findings.add_rule(judged, pl.sql_expr(f"coalesce({rule.expression}, false)"), rule)
        if contract.has_pupils:
            rows = self._pupils(rows, findings)
        rejected = findings.table()
        dead = pl.concat(
            [rejected.select("_row"), rows.filter(pl.col("part_key").is_in(list(refused))).select("_row")]
        ).unique()
        accepted = rows.join(dead, on="_row", how="anti", maintain_order="left") if dead.height else rows
        shape = SHAPES.get(feed)
        if shape:
            accepted = shape.apply(accepted, self.pseudonymiser)
        accepted = _payload_dates(accepted, contract)
        schema = base_schema(contract)
        accepted = accepted.with_columns(
            pl.lit(None, t).alias(n) for n, t in schema.items() if n not in accepted.columns
        )
        accepted = accepted.select("part_key", *(pl.col(n).cast(t) for n, t in schema.items()))
        rejected = rejected.filter(~pl.col("part_key").is_in(list(refused))).drop("_row")
        return Normalised(accepted, rejected, counts, refused)

    def _parser(self, feed: str, column: Column) -> values.Parser:
        key = (feed, column.name)
        if key not in self._parsers:
            kind = column.reads["type"]
            self._parsers[key] = (
                values.acuity(load_acuity_table()) if kind == "acuity" else values.PARSERS[kind](column.reads)
            )
        return self._parsers[key]

    def _parsed(self, key: tuple[str, str], parse: values.Parser, texts: pl.Series) -> pl.DataFrame:
        """Distinct texts with value, rule, hint and code; remembered across batches."""
        memo = self._memo.setdefault(key, {})
        distinct: list[str] = texts.unique().drop_nulls().to_list()
        for text in distinct:
            if text not in memo:
                memo[text] = parse(text)
        results = [memo[t] for t in distinct]
        if len(memo) > 200_000:
            memo.clear()
        return pl.DataFrame(
            {
                "_text": distinct,
                "_value": pl.Series([r.value for r in results], strict=False),
                "_rule": pl.Series([r.rule for r in results], dtype=pl.String),
                "_hint": pl.Series([r.hint for r in results], dtype=pl.String),
                "_code": pl.Series([r.code for r in results], dtype=pl.String),
            },
            schema_overrides={"_text": pl.String},
        )

    def _parse_columns(
        self, contract: Contract, given: list[Column], rows: pl.DataFrame, parts: list[Part], findings: Findings
    ) -> pl.DataFrame:
        findings.add_titled(rows, pl.col("_formula").is_not_null(), pl.col("_formula"), "formula_cell")
        findings.add_titled(rows, pl.col("_clash").is_not_null(), pl.col("_clash"), "ambiguous_columns")
        for column in given:
            kind = column.reads["type"]
            if kind == "drop":
                rows = rows.drop(column.name)
                continue
            if kind in IDENTIFIERS:
                rows = parse_identifier(rows, column, kind, findings)
                continue
            if kind == "glasses":
                rows = self._parse_glasses(contract, column, rows, parts, findings)
                continue
            if kind == "grade":
                _clashing_grades(rows, column, findings)
            rows = self._apply(
                rows,
                column,
                self._parsed((contract.feed, column.name), self._parser(contract.feed, column), rows[column.name]),
                findings,
            )
            rows = self._parse_further(contract, column, rows, findings)
            if column.reads.get("past"):
                findings.add(rows, pl.col(column.name) > pl.col("_as_of"), column.name, "future_date")
        return rows

    def _apply(self, rows: pl.DataFrame, column: Column, table: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        dtype = POLARS_TYPES[column.physical_type]
        value = (
            table["_value"].cast(dtype, strict=False)
            if table["_value"].dtype != pl.Null
            else pl.Series("_value", [None] * table.height, dtype)
        )
        table = table.with_columns(value.alias("_value"))
        joined = rows.select(pl.col(column.name).alias("_text")).join(
            table, on="_text", how="left", maintain_order="left"
        )
        if table["_rule"].null_count() < table.height:
            findings.add_parsed(rows, joined, column)
        out = rows.with_columns(joined["_value"].alias(column.name))
        if table["_code"].null_count() < table.height:
            out = out.with_columns(joined["_code"].alias(f"{column.name}:code"))
        return out

    def _parse_further(
        self, contract: Contract, column: Column, rows: pl.DataFrame, findings: Findings
    ) -> pl.DataFrame:
        """Takes in further columns of one meaning: a contradiction goes back, except where any of them decides (a spine bent anywhere)."""
        decisive = column.reads.get("any")
        for name in [n for n in rows.columns if n.startswith(f"{column.name}{ALSO}")]:
            texts = rows.select("_row", "part_key", "row_number", pl.col(name).alias(column.name))
            table = self._parsed((contract.feed, column.name), self._parser(contract.feed, column), rows[name])
            # What is no value there says nothing against the first column.
            other = self._apply(texts, column, table, Findings(contract))[column.name]
            rows = rows.with_columns(other.alias(name))
            if decisive is None:
                findings.add(rows, pl.col(column.name) != pl.col(name), column.name, "ambiguous_columns")
            else:
                rows = rows.with_columns(
                    pl.when(pl.col(name) == decisive).then(pl.col(name)).otherwise(column.name).alias(column.name)
                )
        return rows

    def _parse_glasses(
        self, contract: Contract, column: Column, rows: pl.DataFrame, parts: list[Part], findings: Findings
    ) -> pl.DataFrame:
        # Numbers mean what the legend of their own sheet says, so texts are told apart by legend.
        legends = {key: part.legend for key, part in enumerate(parts)}
        pieces = []
        told_apart = sorted({tuple(sorted(v.items())) for v in legends.values()})
        if len(told_apart) == 1:
            parsed = self._parsed(
                (contract.feed, str(told_apart[0])), values.glasses(dict(told_apart[0])), rows[column.name]
            )
            return self._apply(rows, column, parsed, findings)
        for legend in told_apart:
            keys = [k for k, v in legends.items() if tuple(sorted(v.items())) == legend]
            chosen = rows.filter(pl.col("part_key").is_in(keys))
            parse: Callable[[str], values.Parsed] = values.glasses(dict(legend))
            pieces.append(
                self._apply(
                    chosen, column, self._parsed((contract.feed, str(legend)), parse, chosen[column.name]), findings
                )
            )
        return pl.concat(pieces, how="diagonal").sort("_row") if pieces else rows

    def _date(self, contract: Contract, rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        """Record date, period and school year of every row, and the findings about them."""
        semester = contract.period == "semester"
        for name in ("period_stated", "school_year_stated"):
            if name not in rows.columns:
                rows = rows.with_columns(pl.lit(None, pl.String).alias(name))
        if "period_stated:code" not in rows.columns:
            rows = rows.with_columns(pl.lit(None, pl.String).alias("period_stated:code"))
        rows = rows.with_columns(
            pl.coalesce(
                pl.col("period_stated"),
                pl.coalesce("school_year_stated", "_ctx_period").str.slice(0, 9) + "-" + pl.col("period_stated:code"),
                "school_year_stated",
            ).alias("_stated")
        )
        column = contract.date_column
        if column is not None:
            if column not in rows.columns:
                rows = rows.with_columns(pl.lit(None, pl.Date).alias(column))
            placed = self.calendar.locate(rows["_ctx_date"])
            # The date of a file's name is the day of the check, unless it lies outside the period the file is for.
            agrees = pl.coalesce(pl.col("_ctx_semester").str.starts_with(pl.col("_ctx_period")), pl.lit(True))
            rows = rows.with_columns(placed["semester"].alias("_ctx_semester")).with_columns(
                pl.coalesce(pl.col(column), pl.when(agrees).then(pl.col("_ctx_date"))).alias(column)
            )
            findings.add(rows, pl.col(column) > pl.col("_as_of"), column, "future_date")
        else:
            column = next((n for n in contract.period_from if n in rows.columns and rows.schema[n] == pl.Date), None)
        dates = rows[column] if column else pl.Series("date", [None] * rows.height, pl.Date)
        located = self.calendar.locate(dates)
        rows = rows.with_columns(located["semester"].alias("_semester"), located["in_teaching"].alias("_in_teaching"))
        by_date = pl.col("_semester")
        named = pl.coalesce(pl.col("_stated"), pl.col("_ctx_period"))
        if contract.date_column is not None:
            outside = (~by_date.str.starts_with(pl.col("_stated"))) | (~by_date.str.starts_with(pl.col("_ctx_period")))
            findings.add(
                rows,
                outside.fill_null(False) | (~by_date.str.starts_with(named)).fill_null(False),
                contract.date_column,
                "date_out_of_period",
            )
            # A day before or after the calendar belongs to no period, whatever the folder says.
            day = contract.date_column
            findings.add(rows, pl.col(day).is_not_null() & by_date.is_null(), day, "date_out_of_period")
            source = pl.coalesce(by_date, named)
        else:
            source = pl.coalesce(
                pl.when(named.str.len_chars() == 11).then(named),
                pl.when(by_date.str.starts_with(named) | named.is_null()).then(by_date),
                named,
            )
        whole = pl.when(source.str.len_chars() == 11).then(source).otherwise(source + "-" + pl.col("_ctx_term"))
        period = whole if semester else source.str.slice(0, 9)
        rows = rows.with_columns(period.alias("period")).with_columns(
            pl.col("period").str.slice(0, 9).alias("school_year")
        )
        findings.add(rows, pl.col("period").is_null(), contract.date_column or "period_stated", "period_unknown")
        if contract.in_term:
            findings.add(rows, ~pl.col("_in_teaching"), contract.in_term, "outside_term")
        return rows

    def _pupils(self, rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        for name in ("pupil_xjh", "pupil_id", "pupil_no"):
            if name not in rows.columns:
                rows = rows.with_columns(pl.lit(None, pl.String).alias(name))
        nobody = pl.all_horizontal(pl.col("pupil_xjh", "pupil_id", "pupil_no").is_null())
        findings.add(
            rows,
            nobody & ~pl.col("_row").is_in(findings.rows_with("id_damaged", "id_invalid").implode()),
            "pupil_xjh",
            "pupil_key_missing",
        )
        return tokenise(rows, self.pseudonymiser, everywhere="status" in rows.columns)


def _facts(parts: list[Part]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "part_key": list(range(len(parts))),
            "delivery_id": [p.delivery_id for p in parts],
            "file_sha256": [p.file_sha256 for p in parts],
            "member": [p.member for p in parts],
            "sheet": [p.sheet for p in parts],
            "part": [p.index for p in parts],
            "version": [p.context.version for p in parts],
            "receipt": [p.receipt for p in parts],
            "replace_scope": [p.context.replace for p in parts],
            "layout": [p.layout for p in parts],
            "_ctx_school": [p.context.school for p in parts],
            "_ctx_county": [p.context.county for p in parts],
            "_ctx_period": [p.context.period for p in parts],
            "_ctx_date": [p.context.date for p in parts],
            "_ctx_round": [p.context.round for p in parts],
            "_ctx_term": [p.term for p in parts],
            "_as_of": [p.as_of for p in parts],
        },
        schema={
            "part_key": pl.Int32, "delivery_id": pl.String, "file_sha256": pl.String, "member": pl.String, "sheet": pl.String,
            "part": pl.Int32, "version": pl.Int32, "receipt": pl.Int64, "replace_scope": pl.Boolean, "layout": pl.String,
            "_ctx_school": pl.String, "_ctx_county": pl.String, "_ctx_period": pl.String, "_ctx_date": pl.Date, "_ctx_round": pl.Int32, "_ctx_term": pl.String,
            "_as_of": pl.Date,
        },
    )  # fmt: skip


def _clashing_grades(rows: pl.DataFrame, column: Column, findings: Findings) -> None:
    """A column with a 10 and no platform code counts 1 to 12: its 11 and 12 are not the first two grades of primary school."""
    code = pl.col(column.name).str.strip_chars()
    ten = (code == "10").any().over("part_key")
    platform = code.is_in(["13", "14", "15", "16", "21", "22", "23", "24", "31", "32", "33"]).any().over("part_key")
    hint = "同一表中有 10，不能确定 11、12 是高中还是小学，请写成 32、33 或“高二”“高三”"
    findings.add(rows, code.is_in(["11", "12"]) & ten & ~platform, column.name, "bad_code", hint)


def _not_data(given: list[Column]) -> pl.Expr:
    """Blank, total, signature, repeated header and example rows."""
    telling = [c.name for c in given if c.name not in PREFILLED] or [c.name for c in given]
    blank = pl.all_horizontal(pl.col(n).is_null() | (pl.col(n).str.strip_chars() == "") for n in telling)
    masks = [blank, pl.col("_first").str.contains(NOTE_ROW).fill_null(False), pl.col("_repeat")]
    for column in given:
        if column.reads["type"] in ("xjh", "id_number"):
            masks.append(pl.col(column.name).str.contains(r"^\s*[A-Z]?0{6}\d{12}\s*$").fill_null(False))
        if column.name in ("person", "pupil_xjh"):
            masks.append(pl.col(column.name).str.contains(_EXAMPLE).fill_null(False))
    return pl.any_horizontal(masks)


def _place(contract: Contract, rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """School of every row, and class number from whichever column says it."""
    if "school" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("school"))
    rows = rows.with_columns(
        pl.col("school").alias("_row_school"), pl.coalesce("school", "_ctx_school").alias("school")
    )
    bad_school = findings.rows_with("bad_code").implode()
    missing = pl.col("school").is_null() & ~pl.col("_row").is_in(bad_school)
    if contract.school_rule == "or_name":
        named = pl.col("school_name").is_not_null() if "school_name" in rows.columns else pl.lit(False)
        findings.add(rows, missing & ~named, "school", "school_unknown_context")
    elif contract.school_rule == "required":
        findings.add(rows, missing, "school", "school_unknown_context")
    elif contract.school_rule == "none":
        whole = "本表按行更正，不能整体替换；请去掉说明文件中的 replace，只报送要改的行"
        findings.add(rows, pl.col("replace_scope"), "school", "school_unknown_context", whole)
    else:
        whole = "说明文件要求整体替换（replace），须写明是哪所学校的数据"
        findings.add(rows, missing & pl.col("replace_scope"), "school", "school_unknown_context", whole)
    if "class_no" in contract.by_name:
        names = [n for n in ("class_no", "class_name") if n in rows.columns]
        number = pl.coalesce(names) if names else pl.lit(None, pl.String)
        grade = pl.col("grade") if "grade" in rows.columns else pl.lit(None, pl.Int32)
        lead = number.str.slice(0, 1).cast(pl.Int32, strict=False)
        # 301 is class 1 of grade 3; 701 or 101 is class 1 of grade 7.
        joined = (
            (number.str.len_chars() == 3)
            & lead.is_in([0]).not_()
            & ((lead == grade) | (lead == grade - 6) | (lead == grade - 9))
        )
        rows = rows.with_columns(
            pl.when(joined.fill_null(False))
            .then(number.str.slice(1).cast(pl.Int32, strict=False).cast(pl.String))
            .otherwise(number)
            .alias("class_no")
        )
    return rows


def _contradictions(rows: pl.DataFrame, parts: list[Part]) -> dict[int, tuple[str, str, str]]:
    """Parts whose rows contradict their context (school, county, period, round): the whole part goes back."""
    stated, named = pl.col("_stated"), pl.col("_ctx_period")
    apart = ~(stated.str.starts_with(named) | named.str.starts_with(stated))
    checks = [("学校标识码", pl.col("_row_school") != pl.col("_ctx_school")), ("学年或学期", apart)]
    if "county" in rows.columns:
        checks.append(("区县代码", pl.col("county") != pl.col("_ctx_county")))
    if "round" in rows.columns:
        checks.append(("检查轮次", pl.col("round") != pl.col("_ctx_round")))
    refused: dict[int, tuple[str, str, str]] = {}
    for what, clash in checks:
        keys: list[int] = rows.filter(clash.fill_null(False))["part_key"].unique().sort().to_list()
        for key in keys:
            refused.setdefault(
                key,
                (
                    "context_contradiction",
                    f"表中的{what}与文件夹、文件名或说明文件中的不一致，请核对后重新报送。",
                    "The rows contradict the folder, file name or sidecar.",
                ),
            )
    return refused


def _payload_dates(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The date by which a row is later than another: of the sidecar or file name, else of the record itself.

    Never another row's date: a file that fixes one old record must not lose to the older file for what else stands in it.
    """
    column = contract.date_column or next((n for n in contract.period_from if rows.schema.get(n) == pl.Date), None)
    own = pl.col(column) if column and column in rows.columns else pl.lit(None, pl.Date)
    return rows.with_columns(pl.coalesce(pl.col("_ctx_date"), own, pl.lit(dt.date(1900, 1, 1))).alias("payload_date"))

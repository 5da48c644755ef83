"""Read-only answers about an installation: deliveries, conservation, coverage, queries. Reads ledger and marts, writes nothing."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl

from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import RECORDS, require_unchanged
from orchestration.steps import current, releases

ROW_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_not_data")


def mart(home: Home, name: str) -> pl.DataFrame | None:
    """A table of the built version, or None before the first build."""
    version = current(home).get("built")
    path = home.marts / str(version) / f"{name}.parquet"
    return pl.read_parquet(path) if version and path.exists() else None


def delivery_parts(home: Home) -> pl.DataFrame:
    """Parts as landed, with the state the last build gave them (superseded, rejected by reference) where it knows better."""
    path = home.base / "_parts" / "parts.parquet"
    landed = pl.read_parquet(path) if path.exists() else None
    built = mart(home, "delivery_parts")
    if landed is None:
        return built if built is not None else pl.DataFrame()
    if built is None:
        return landed
    fresh = landed.join(built.select("delivery_id").unique(), on="delivery_id", how="anti")
    common = [c for c in built.columns if c in landed.columns]
    return pl.concat([built.select(common), fresh.select(common)], how="vertical_relaxed")


def delivery_state(states: set[str]) -> str:
    """State of a delivery from the states of its parts: loaded if any part is, else superseded, else rejected."""
    return next((s for s in ("loaded", "superseded", "pending") if s in states), "rejected")


def deliveries(home: Home, state: str | None = None) -> list[dict[str, Any]]:
    """Every delivery of the ledger in receipt order with feeds, state and row counts."""
    parts = delivery_parts(home)
    grouped: dict[str, dict[str, Any]] = {}
    if parts.height:
        sums = parts.group_by("delivery_id").agg(
            pl.col("feed").drop_nulls().unique().sort(), pl.col("state").unique(), pl.col("period").drop_nulls().unique().sort(),
            *(pl.col(c).sum() for c in ROW_COUNTS), pl.col("reason").filter(pl.col("state") == "rejected").drop_nulls().first(),
        )  # fmt: skip
        grouped = {row["delivery_id"]: row for row in sums.iter_rows(named=True)}
    listed = []
    for event in Ledger(home.ledger_path).events("received"):
        body = event.body
        found = grouped.get(body["delivery_id"])
        its = "duplicate" if body["duplicate"] else delivery_state(set(found["state"])) if found else "pending"
        if state and its != state:
            continue
        listed.append(
            {
                "receipt": body["receipt"],
                "delivery_id": body["delivery_id"],
                "file_name": body["name"],
                "file_sha256": body["sha256"],
                "state": its,
                "feeds": "、".join(found["feed"]) if found else "",
                "periods": "、".join(found["period"]) if found else "",
                **{c: int(found[c]) if found else 0 for c in ROW_COUNTS},
                "reason": (found["reason"] if found else "") or "",
            }
        )
    return listed


def conservation(home: Home) -> dict[str, Any]:
    """landed = loaded + duplicate + superseded + rejected + pending, and rows read = accepted + rejected + not data."""
    states = dict.fromkeys(("loaded", "duplicate", "superseded", "rejected", "pending"), 0)
    rows = dict.fromkeys(ROW_COUNTS, 0)
    for delivery in deliveries(home):
        states[delivery["state"]] += 1
        for c in ROW_COUNTS:
            rows[c] += delivery[c]
    landed = len(Ledger(home.ledger_path).events("received"))
    holds = (
        landed == sum(states.values())
        and rows["rows_read"] == rows["rows_accepted"] + rows["rows_rejected"] + rows["rows_not_data"]
    )
    return {"landed": landed, **states, **rows, "holds": holds}


def rejected(home: Home, delivery: str | None = None) -> list[dict[str, Any]]:
    """Rejected rows and files of the last build, or as landed before the first."""
    table = mart(home, "rejected_rows")
    if table is None:
        path = home.base / "_rejected" / "rejected.parquet"
        table = pl.read_parquet(path) if path.exists() else pl.DataFrame()
    if delivery and table.height:
        table = table.filter(pl.col("delivery_id") == delivery)
    return table.to_dicts()


def status(home: Home, as_of: dt.date) -> dict[str, Any]:
    """Coverage matrix, conservation, verdict of the built version with what blocks and what is waived on the day, releases."""
    from expectations.verdict import GateRefused, load_verdict
    from expectations.waivers import stand, waivers

    coverage = mart(home, "coverage")
    version = current(home).get("built")
    verdicts = []
    path = home.marts / str(version) / "verdict.json"
    if version and path.exists():
        body = json.loads(path.read_text(encoding="utf-8"))
        told = {"data_version": version, **{k: body[k] for k in ("overall", "school_years") if k in body}}
        try:
            verdict = load_verdict(home, str(version))
        except GateRefused as refusal:  # edited or out of date: what publication would say
            told["refused"] = str(refusal)
        else:
            given = waivers(home)
            for year in verdict.years:
                stands = stand(verdict, year, given, as_of)
                told["school_years"][year] |= {
                    "blocking_checks": [{"check": r.check, "zh": r.zh, "result": r.result} for r in stands.blocking],
                    "waived": [
                        {
                            "check": r.check,
                            "zh": r.zh,
                            "waivers": [w.waiver for w in used],
                            "until": min(w.until for w in used),
                        }
                        for r, used in stands.waived
                    ],
                }
        verdicts.append(told)
    return {
        "coverage": coverage.to_dicts() if coverage is not None else [],
        "conservation": conservation(home),
        "verdicts": verdicts,
        "releases": releases(home),
    }


# What a statement is, DuckDB's own parser says; its first word alone would let `select 1; copy …` through.
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_READ_ONLY = re.compile(r"^\s*(?:select|with|from|describe|summarize|show|values)\b", re.IGNORECASE)


class QueryError(Exception):
    """A statement that DuckDB could not run. Over records the message tells only the kind of error: its text may quote a value."""


def query(home: Home, sql: str, *, records: bool = False) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs read-only SQL over the marts of the last build, in a database that can reach no other file.

    Args:
        home: the installation.
        sql: one statement that reads, and names the tables it reads.
        records: also offer the record tables (the caller has entered the access in the log).

    Raises:
        ConfigError: the statement writes or reaches tables without naming them, nothing is built, or a record table is not what was built.
        QueryError: it cannot be run.
    """
    db, statement, _ = _parsed(home, sql, records=records)
    try:
        result = db.execute(statement)
        return [d[0] for d in result.description or ()], result.fetchall()
    except duckdb.Error as error:
        raise QueryError(_said(error, records=records)) from None


def tables_read(home: Home, sql: str) -> list[str]:
    """Which tables of the marts and records a statement names: what the access log says was read.

    Raises:
        ConfigError: as of `query`, or it names no table at all: an access that reads nothing known is none.
        QueryError: it cannot be parsed.
    """
    _, _, named = _parsed(home, sql, records=True)
    if not named:
        raise ConfigError("语句没有写明要查的表，不能作为个案查询。 (The statement names no known table.)")
    return named


def _parsed(home: Home, sql: str, *, records: bool) -> tuple[duckdb.DuckDBPyConnection, duckdb.Statement, list[str]]:
    """The database of a question, its one reading statement, and the tables this names."""
    version = current(home).get("built")
    if not version:
        raise ConfigError("还没有建成的数据，无可查询。请先运行 junheng run。 (Nothing is built yet.)")
    if not _READ_ONLY.match(sql):
        raise ConfigError("只能查询，不能修改：语句应以 select 或 with 开头。 (Read-only SQL only.)")
    if records:
        require_unchanged(home, RECORDS)
    try:
        db = _open(home, str(version), records=records)
    except duckdb.Error as error:
        raise ConfigError(
            f"数据表无法读取（{type(error).__name__}），请先运行 junheng verify 查明是哪个文件。 (A table cannot be read.)"
        ) from None
    try:
        statements = db.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in _READING:
            raise ConfigError(
                "只能写一条查询语句（select 或 with 开头），不能修改或导出。 (One reading statement only.)"
            )
        return db, statements[0], _named(db, sql)
    except duckdb.Error as error:
        raise QueryError(_said(error, records=records)) from None


def _said(error: duckdb.Error, *, records: bool) -> str:
    if records:
        return f"查询语句有误（{type(error).__name__}）；涉及个案，不显示详情。 (The query failed; its text may quote a record.)"
    return f"查询语句有误：{str(error).splitlines()[0]}"


# Functions of a from clause that make rows of their own; every other one may read a table or a file whose name no parser sees.
_HARMLESS = {"range", "generate_series", "unnest"}


def _named(db: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The views a statement names, by DuckDB's own parse.

    Raises:
        ConfigError: it reads by a function (`query_table`, `read_parquet`), by a path, or cannot be taken apart.
    """
    known = {name for (name,) in db.execute("select view_name from duckdb_views() where not internal").fetchall()}
    (text,) = db.execute("select json_serialize_sql(?)", [sql]).fetchone() or ("{}",)
    nodes = list(_nodes(json.loads(str(text))))
    functions = {n["function"]["function_name"].lower() for n in nodes if n.get("type") == "TABLE_FUNCTION"}
    named = {n["table_name"].lower() for n in nodes if n.get("type") == "BASE_TABLE"}
    by_path = {name for name in named - known if re.search(r"[./\\*]", name)}
    if functions - _HARMLESS or by_path or any(n.get("error") is True for n in nodes):
        raise ConfigError(
            "查询须直接写出表名：不能用 query_table、read_parquet 之类的函数，也不能写文件路径。 (Name the tables: no table functions, no paths.)"
        )
    return sorted(known & named)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a parse tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _open(home: Home, version: str, *, records: bool) -> duckdb.DuckDBPyConnection:
    """A database of views over the marts of a version (and the record tables) that can reach no other file."""
    db = duckdb.connect(":memory:")
    for path in sorted((home.marts / version).glob("*.parquet")):
        _attach(db, path.stem, str(path))
    if records:
        for folder in sorted(p for p in home.records.iterdir() if p.is_dir()) if home.records.exists() else []:
            if any(folder.glob("*.parquet")):
                _attach(db, folder.name, str(folder / "*.parquet"))
    reachable = [str(home.marts / version), *([str(home.records)] if records else [])]
    db.execute("set allowed_directories = ?", [reachable])
    db.execute("set enable_external_access = false")
    # Nor may a name mean a variable of this process.
    db.execute("set python_enable_replacements = false")
    db.execute("set lock_configuration = true")
    return db


def _attach(db: duckdb.DuckDBPyConnection, name: str, source: str) -> None:
    quoted = source.replace("'", "''")
    db.execute(f"create view \"{name}\" as select * from read_parquet('{quoted}', union_by_name = true)")  # noqa: S608 - own paths


def outcome_of(home: Home, deliveries: list[str], duplicates: int) -> dict[str, dict[str, int]]:
    """Parts by state and rows of some deliveries as the last build left them: the register may have refused more than the landing."""
    table = delivery_parts(home)
    chosen = table.filter(pl.col("delivery_id").is_in(deliveries)) if table.height else table
    parts: dict[str, int] = dict(chosen.group_by("state").len().sort("state").iter_rows()) if chosen.height else {}
    if duplicates:
        parts["duplicate"] = duplicates
    rows = {c.removeprefix("rows_"): int(chosen[c].sum()) if chosen.height else 0 for c in ROW_COUNTS}
    return {"parts": parts, "rows": rows}

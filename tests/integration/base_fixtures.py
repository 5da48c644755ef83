"""Base tables as ingest writes them, made from rows a test spells out; column types come from the dbt source declaration."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from orchestration.config import DBT_PROJECT_DIR, Home
from orchestration.ledger.log import Ledger
from orchestration.ledger.tables import enter_merged
from orchestration.warehouse.export import read_current

Row = dict[str, Any]
TYPES: dict[str, Any] = {
    "varchar": pl.String,
    "integer": pl.Int32,
    "bigint": pl.Int64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "blob": pl.Binary,
}
_SOURCES = yaml.safe_load((DBT_PROJECT_DIR / "models" / "staging" / "_base.yml").read_text(encoding="utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = {
    table["name"]: {column["name"]: TYPES[column["data_type"]] for column in table["columns"]}
    for table in _SOURCES["sources"][0]["tables"]
}


def token(text: str, key: str = "one") -> bytes:
    """A keyed token of 16 bytes, as ingest makes them."""
    return hashlib.blake2b(text.encode(), digest_size=16, key=key.encode()).digest()


def delivery(number: int, rows: Sequence[Row], **common: Any) -> list[Row]:
    """Rows of one delivery: receipt number, row numbers from 2, and what the rows share."""
    first = {"delivery_id": f"d{number:04d}", "receipt": number, "file_sha256": f"{number:064x}", "sheet": "Sheet1"}
    fixed = {"part": 1, "version": 0, "payload_date": dt.date(2024, 10, 1), "replace_scope": False, "layout": "own"}
    return [first | fixed | {"row_number": i} | common | row for i, row in enumerate(rows, start=2)]


def write_base(home: Home, tables: Mapping[str, Sequence[Row]]) -> Home:
    """Writes the base files of a home, one per feed and period; files of feeds named here that have no row any more go."""
    for feed, rows in tables.items():
        folder = home.base / feed
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.parquet"):
            path.unlink()
        complete = [{"school_year": row["period"][:9]} | row for row in rows]
        frame = pl.DataFrame(complete, schema=SCHEMAS[feed]).sort("delivery_id", "part", "row_number")
        frame.clear().write_parquet(folder / "_schema.parquet")
        for (period,), part in frame.group_by(["period"], maintain_order=True):
            part.write_parquet(folder / f"{period}.parquet")
    _write_parts(home, tables)
    if home.ledger_path.is_file():  # beside rows that were landed: written as if they had been delivered too
        enter_merged(home, Ledger(home.ledger_path), home.base.rglob("*.parquet"))
    return home


def _write_parts(home: Home, tables: Mapping[str, Sequence[Row]]) -> None:
    """One row per delivery part; school and period only where all its rows share one."""
    keys, shared = ("delivery_id", "part", "file_sha256", "member", "sheet"), ("school", "period")
    schema = SCHEMAS["_parts"]
    rows = [
        {"feed": feed} | {k: row.get(k) for k in (*keys, "row_number", *shared)}
        for feed, given in tables.items()
        for row in given
    ]
    kinds = {k: schema[k] for k in ("feed", *keys, *shared)} | {"row_number": pl.Int32}
    frame = pl.DataFrame(rows, schema=kinds)
    parts = frame.group_by("feed", *keys).agg(
        *(pl.when(pl.col(k).n_unique() == 1).then(pl.col(k).first()).alias(k) for k in shared),
        rows_read=pl.col("row_number").n_unique().cast(pl.Int64),
    )
    full = parts.with_columns(
        state=pl.lit("loaded"),
        rows_accepted=pl.col("rows_read"),
        rows_rejected=pl.lit(0, pl.Int64),
        rows_not_data=pl.lit(0, pl.Int64),
        file_name=pl.lit(None, pl.String),
        reason=pl.lit(None, pl.String),
    )
    path = home.base / "_parts" / "parts.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    full.select(list(schema)).sort("delivery_id", "part", "feed").write_parquet(path)


def marts_of(home: Home, version: str = "") -> dict[str, pl.DataFrame]:
    """The tables of a data version; of the built one where none is said."""
    version = version or str(read_current(home)["built"])
    return {path.stem: pl.read_parquet(path) for path in sorted((home.marts / version).glob("*.parquet"))}


def hashes(folder: Path) -> dict[str, str]:
    """Content hashes of all Parquet files below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }

"""Writes the marts of a build as Parquet under their data version, and the record tables beside the warehouse."""

# ruff: noqa: S608 - the parts of every statement are names and paths of this package, never input

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.config import ConfigError, Home
from orchestration.swap import sha256_file, sync, write_whole
from orchestration.warehouse.fingerprints import Partition

# A column set that identifies a row makes sorting cheap; other tables are small and sorted by all columns.
_KEYS = {"indicator_values": ("figure_id",), "commitments": ("commitment", "entity", "period")}
_RECORD_FEEDS = {
    "vision_checks": "vision_check",
    "physical_exams": "physical_exam",
    "fitness_results": "fitness_test",
    "film_attendance": "film_screening",
    "food_inspections": "food_inspection",
}
_PARQUET = "(format parquet, compression zstd, row_group_size 122880)"
_VERSION_LENGTH = 16


@dataclass(frozen=True)
class DataVersion:
    """The marts of one build.

    Attributes:
        version: hash of their content.
        path: their folder.
        rows: rows by table.
        is_new: whether this content had not been written before.
        records: the record tables that were written with it.
    """

    version: str
    path: Path
    rows: dict[str, int]
    is_new: bool
    records: tuple[Path, ...] = ()


def export(home: Home, touched: Iterable[Partition] | None = None) -> DataVersion:
    """Writes every mart in a total order, names the folder by its content, and points `current.json` to it.

    Args:
        home: the installation.
        touched: which (feed, period) of the record tables to write again; all when not given.
    """
    home.marts.mkdir(parents=True, exist_ok=True)
    temporary = home.marts / ".building"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        # The order written is the order asked for; threads then decide nothing about the bytes.
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"set temp_directory = '{_quoted(home.warehouse / 'tmp')}'")
        tables = [name for (name,) in connection.execute(_TABLES, ["marts"]).fetchall()]
        rows = {table: _write_table(connection, table, temporary / f"{table}.parquet") for table in tables}
        records = _export_records(connection, home, touched)
    version = version_of(temporary)
    target = home.marts / version
    is_new = not target.exists()
    if is_new:
        for path in [*sorted(temporary.iterdir()), temporary]:
            sync(path)
        temporary.replace(target)
        sync(home.marts)
    else:
        if version_of(target) != version:  # somebody edited it: the folder gets its own tables back
            _put_right(target, temporary)
        shutil.rmtree(temporary)
    point_to(home, version)
    return DataVersion(version, target, rows, is_new, tuple(records))


_TABLES = """
    select table_name from information_schema.tables
    where table_schema = ? and table_name not like '%\\_\\_dbt\\_%' escape '\\' order by table_name
"""


def read_current(home: Home) -> dict[str, object]:
    """`current.json`, empty when there is none yet.

    Raises:
        ConfigError: it is damaged.
    """
    try:
        content = json.loads(home.current.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ConfigError("marts/current.json 无法读取；请删除它，再运行 junheng run。 (The file is damaged.)")
    return content


def _write_table(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    order = ", ".join(_KEYS.get(table, ("all",)))
    connection.execute(f"copy (select * from marts.{table} order by {order}) to '{_quoted(path)}' {_PARQUET}")
    (count,) = connection.execute(f"select count(*) from read_parquet('{_quoted(path)}')").fetchall()[0]
    return int(count)


def _export_records(
    connection: duckdb.DuckDBPyConnection, home: Home, touched: Iterable[Partition] | None
) -> list[Path]:
    """A file per record table and period; only touched periods are written, periods that are gone are removed. Returns those written."""
    written = []
    present = {name for (name,) in connection.execute(_TABLES, ["records"]).fetchall()}
    wanted = None if touched is None else set(touched)
    for table, feed in _RECORD_FEEDS.items():
        if table not in present:
            continue
        folder = home.records / table
        folder.mkdir(parents=True, exist_ok=True)
        query = f"select distinct period from records.{table} where period is not null order by period"
        periods = [period for (period,) in connection.execute(query).fetchall()]
        for path in folder.glob("*.parquet"):
            if path.stem not in periods:
                path.unlink()
        for period in periods:
            path = folder / f"{period}.parquet"
            if wanted is not None and path.exists() and (feed, period) not in wanted:
                continue
            part = path.with_name(path.name + ".part")
            connection.execute(
                f"copy (select * from records.{table} where period = '{period}' order by delivery_id, part, row_number)"
                f" to '{_quoted(part)}' {_PARQUET}"
            )
            part.replace(path)
            written.append(path)
    return written


def version_of(folder: Path) -> str:
    """First 16 hex digits of the sha-256 over names and content hashes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        digest.update(f"{path.name} {sha256_file(path)}\n".encode())
    return digest.hexdigest()[:_VERSION_LENGTH]


def point_to(home: Home, version: str) -> None:
    """Makes `current.json` name a data version as the one built last."""
    current = read_current(home)
    content = {"built": version, "released": current.get("released", {})}
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    write_whole(home.current, text.encode())


def _put_right(target: Path, tables: Path) -> None:
    for path in target.glob("*.parquet"):
        path.unlink()
    for path in tables.glob("*.parquet"):
        path.replace(target / path.name)
        sync(target / path.name)
    sync(target)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")

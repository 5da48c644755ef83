"""Read-only questions stay read-only, and an installation whose ledger is gone is never called whole."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from orchestration.config import ConfigError, Home
from orchestration.inspection import query
from orchestration.release import verify


@pytest.fixture
def built(tmp_path: Path) -> Home:
    home = Home(tmp_path).create()
    folder = home.marts / "v1"
    folder.mkdir()
    pl.DataFrame({"target_id": ["NY-068"], "value": [1.0]}).write_parquet(folder / "targets.parquet")
    home.current.write_text(json.dumps({"built": "v1", "released": {}}))
    return home


def test_a_query_reads_the_marts(built: Home) -> None:
    assert query(built, "select target_id from targets") == (["target_id"], [("NY-068",)])


@pytest.mark.parametrize(
    "sql",
    [
        "select 1; copy (select 1 as x) to '{marts}/targets.parquet' (format parquet)",
        "copy targets to '{marts}/other.csv'",
        "with a as (select 1) insert into targets values ('x', 1)",
        "create table t as select 1",
        "select * from read_text('/etc/hostname')",
        "attach '{marts}/x.duckdb'",
        "set enable_external_access = true",
        "",
    ],
)
def test_nothing_but_one_reading_statement_runs(built: Home, sql: str) -> None:
    folder = built.marts / "v1"
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    with pytest.raises(ConfigError):
        query(built, sql.format(marts=folder))
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()} == before


def test_originals_that_no_ledger_knows_are_a_difference(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    assert verify(home) == []
    sha = hashlib.sha256(b"x").hexdigest()
    original = home.archive / sha[:2] / sha
    original.parent.mkdir()
    original.write_bytes(b"x")
    assert any(sha in fault for fault in verify(home))

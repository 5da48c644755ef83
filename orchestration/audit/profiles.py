"""What the columns of the base tables hold: rows, share empty, how many different values, tenths and middle of numbers.

No smallest or largest value, nothing of a column with fewer than ten values, nothing of a column that a contract calls a token. Counted once
per base file and kept under its sha-256, so that costs follow the change.
"""

# ruff: noqa: S608 - the parts of every statement are names of contracts and paths of this package, never input

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from expectations.contract import Contract, load_contracts
from orchestration.config import Home
from orchestration.warehouse.fingerprints import base_fingerprints

LEAST_ROWS = 10
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "FLOAT")
_BANDS = ((1, "1"), (10, "2–10"), (100, "11–100"), (1_000, "101–1,000"), (10_000, "1,001–10,000"))
_MORE = "10,000+"
_SHARES = ("empty", "p10", "p50", "p90")


def profiles(home: Home) -> pl.DataFrame:
    """Grain: feed, period, column. In the order of the contract."""
    prints = base_fingerprints(home.base)
    folder = home.audit_cache / "profiles"
    wanted: set[Path] = set()
    frames = []
    db = duckdb.connect(":memory:")
    for feed, contract in load_contracts(home.overlays).items():
        for period in sorted(p for f, p in prints if f == feed):
            cached = folder / f"{feed}-{period}-{prints[feed, period][:24]}-{contract.fingerprint[:8]}.parquet"
            wanted.add(cached)
            if not cached.is_file():
                folder.mkdir(parents=True, exist_ok=True)
                _profile(db, home.base / feed / f"{period}.parquet", contract, period).write_parquet(cached)
            frames.append(pl.read_parquet(cached))
    for gone in set(folder.glob("*.parquet")) - wanted:
        gone.unlink()
    return pl.concat(frames) if frames else pl.DataFrame()


def _columns(contract: Contract, types: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name, title and type of the columns that may be looked at."""
    for column in contract.columns:
        if column.stored and column.classification == "open" and types.get(column.name, "BLOB") != "BLOB":
            yield column.name, column.title, types[column.name]


def _profile(db: duckdb.DuckDBPyConnection, path: Path, contract: Contract, period: str) -> pl.DataFrame:
    source = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')"
    types = {name: kind for name, kind, *_ in db.execute(f"describe select * from {source}").fetchall()}
    columns = list(_columns(contract, types))
    asked = ["count(*)"]
    for name, _, kind in columns:
        asked += [f'count("{name}")', f'count(distinct "{name}")']
        asked.append(f'quantile_disc("{name}", [0.1, 0.5, 0.9])' if kind in _NUMBERS else "null")
    found = db.execute(f"select {', '.join(asked)} from {source}").fetchone() or (0,)
    rows = int(found[0])
    lines = []
    for place, (name, title, _) in enumerate(columns):
        filled, distinct, tenths = found[1 + 3 * place : 4 + 3 * place]
        enough = filled >= LEAST_ROWS
        low, middle, high = tenths if enough and tenths else (None, None, None)
        lines.append(
            {
                "feed": contract.feed, "period": period, "place": place, "column": name, "title": title, "rows": rows,
                "empty": 1 - filled / rows if rows >= LEAST_ROWS else None, "distinct": _band(distinct) if enough else None,
                "p10": low, "p50": middle, "p90": high,
            }
        )  # fmt: skip
    texts = dict.fromkeys(("feed", "period", "column", "title", "distinct"), pl.String)
    return pl.DataFrame(lines, schema_overrides={**texts, "rows": pl.Int64, **dict.fromkeys(_SHARES, pl.Float64)})


def _band(distinct: int) -> str:
    return next((name for most, name in _BANDS if distinct <= most), _MORE)

"""The whole gate over a city-year, against DuckDB reading every column of the same base tables once."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import junheng, run, table

PUPILS = 1_250_000
"""As many as make ten million delivered rows in a year."""

# The floor: every value of every base table is looked at once and nothing is compared.
_FLOOR = """
import json, sys, time
from pathlib import Path
import duckdb
duckdb.execute("set enable_progress_bar = false")
started, rows = time.perf_counter(), 0
for feed in sorted(p for p in Path(sys.argv[1]).iterdir() if p.is_dir() and not p.name.startswith("_")):
    files = sorted(map(str, feed.glob("[0-9]*.parquet")))
    if files:
        rows += duckdb.execute("select count(*), max(columns(*)) from read_parquet(?, union_by_name=true)", [files]).fetchall()[0][0]
print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}))
"""


def city_home(folder: Path, pupils: int = PUPILS) -> Path:
    """A simulated city-year, landed and built."""
    home = folder / "home"
    junheng(
        folder, "simulate", "--out", str(folder / "region"), "--pupils", str(pupils), "--years", "1", "--format", "csv"
    )
    (home / "raw").mkdir(parents=True)
    shutil.move(folder / "region" / "inbox", home / "raw" / "inbox")
    junheng(home, "land", "--settle", "0")
    junheng(home, "build")
    return home


def judged(home: Path) -> None:
    """Prints seconds and peak memory of `check` and how many times the floor it took."""
    floor = run(["-c", _FLOOR, str(home / "warehouse" / "base")])
    for verdict in (home / "marts").glob("*/verdict.json"):
        verdict.unlink()
    check = junheng(home, "check")
    rows, base = int(floor.result["rows"]), float(floor.result["seconds"])
    table(
        f"The gate over {rows:,} rows (reach: 30 s, 2,048 MiB)",
        ("what", "seconds", "peak MiB", "x floor"),
        [
            ("every value read once", base, floor.peak_mib, 1.0),
            ("check", check.seconds, check.peak_mib, check.seconds / base),
        ],
    )


def gate() -> None:
    """Builds the city and judges it."""
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as folder:
        judged(city_home(Path(folder)))


if __name__ == "__main__":
    judged(Path(sys.argv[1]))

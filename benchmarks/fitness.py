"""Scoring the fitness tests of a city against reading the same rows, both into a table of DuckDB and with the project's own SQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.measure import table
from orchestration.config import DBT_PROJECT_DIR

_ITEMS = {
    "vital_capacity": (600, 6000, "true"), "run_50m": (65, 150, "true"), "sit_reach": (-100, 280, "true"), "rope": (0, 200, "g < 7"),
    "sit_up": (0, 60, "g >= 3 and (g < 7 or f = 1)"), "shuttle_50x8": (85, 170, "g in (5, 6)"), "standing_jump": (100, 280, "g >= 7"),
    "pull_up": (0, 25, "g >= 7 and f = 0"), "run_800m": (190, 360, "g >= 7 and f = 1"), "run_1000m": (180, 430, "g >= 7 and f = 0"),
}  # fmt: skip
_READ = ("period", "pupil", "grade", "sex", "participation", "height_mm", "weight_g", *_ITEMS)


def _tests(pupils: int) -> str:
    """Rows of made-up tests, the same ones every time: hashes of the row's number stand for chance."""

    def drawn(salt: int, low: int, high: int) -> str:
        return f"cast({low} + hash(i + {salt} * 10000019) % {high - low} as integer)"

    items = ", ".join(
        f"case when {does} then {drawn(n, a, b)} end as {c}" for n, (c, (a, b, does)) in enumerate(_ITEMS.items())
    )
    return (
        "select '2024-2025' as period, cast(md5(cast(i as varchar)) as uuid) as pupil, g as grade,"
        " if(f = 1, 'female', 'male') as sex, cast(null as varchar) as participation,"
        f" {drawn(21, 1100, 1900)} as height_mm, {drawn(22, 18000, 90000)} as weight_g, {items}"
        f" from (select i, cast(1 + i % 12 as integer) as g, (i // 12) % 2 as f from range({pupils}) as r(i))"
    )


def fitness(pupils: int = 1_450_000) -> None:
    """Prints seconds of a bare scan, of reading into a table and of scoring into a table, best of three."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "warehouse").mkdir()
        command = [str(Path(sys.executable).with_name("dbt")), "build", "--exclude", "resource_type:unit_test"]
        command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
        names = {"JUNHENG_HOME": folder, "DBT_TARGET_PATH": str(root / "target"), "DBT_LOG_PATH": str(root / "logs")}
        subprocess.run(command, env=os.environ | names, check=True, stdout=subprocess.DEVNULL)
        manifest = json.loads((root / "target" / "manifest.json").read_text(encoding="utf-8"))
        scoring = manifest["nodes"]["model.junheng.int_fitness_by_pupil"]["compiled_code"]
        source = str(root / "tests.parquet")
        with duckdb.connect(str(root / "warehouse" / "build.duckdb")) as db:
            db.execute(f"copy ({_tests(pupils)}) to '{source}' (format parquet, compression zstd)")
            db.execute("drop view main.int_fitness_current")
            db.execute(f"create view main.int_fitness_current as select * from read_parquet('{source}')")

            def seconds(statement: str) -> float:
                taken = []
                for _ in range(3):
                    started = time.perf_counter()
                    db.execute(statement)
                    taken.append(time.perf_counter() - started)
                return min(taken)

            scan = seconds(f"select {', '.join(f'max({c})' for c in _READ)} from main.int_fitness_current")
            read = seconds(f"create or replace temp table r as select {', '.join(_READ)} from main.int_fitness_current")
            scored = seconds(f"create or replace temp table s as {scoring}")
    rows: list[tuple[object, ...]] = [
        ("scan of the columns", scan, scan / read), ("read into a table", read, 1.0), ("score into a table", scored, scored / read),
    ]  # fmt: skip
    table(f"fitness: {pupils:,} tests", ("step", "s", "of reading"), rows)

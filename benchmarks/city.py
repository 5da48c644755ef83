"""A city-year through every stage, against the floor; then a run with nothing new, and one corrected school file."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, junheng, run, table


def city(pupils: int) -> None:
    """Prints stage, rows, seconds, rows per second and peak memory of one school year, half of the CSV in GB18030."""
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as folder:
        work, home = Path(folder), Path(folder) / "home"
        made = junheng(
            work, "simulate", "--out", str(work / "region"), "--pupils", str(pupils), "--years", "1", "--format", "csv"
        )
        floor = run(["-m", "benchmarks.floor", str(work / "region" / "inbox")])
        (home / "raw").mkdir(parents=True)
        shutil.move(work / "region" / "inbox", home / "raw" / "inbox")
        stages: list[tuple[str, Cost]] = [
            (name, junheng(home, name, *options))
            for name, options in (("land", ("--settle", "0")), ("build", ()), ("check", ()), ("preview", ()))
        ]
        rows = int(stages[0][1].result["rows"]["read"])
        base = float(floor.result["seconds"])
        total = sum(c.seconds for _, c in stages)
        lines: list[tuple[object, ...]] = [
            (
                "simulate (not counted)",
                int(made.result["rows"]),
                made.seconds,
                int(made.result["rows"] / made.seconds),
                made.peak_mib,
                "",
            )
        ]
        lines += [("floor", int(floor.result["rows"]), base, int(floor.result["rows"] / base), floor.peak_mib, 1.0)]
        lines += [
            (name, rows, cost.seconds, int(rows / cost.seconds), cost.peak_mib, cost.seconds / base)
            for name, cost in stages
        ]
        lines += [("run, all stages", rows, total, int(rows / total), max(c.peak_mib for _, c in stages), total / base)]
        table(
            f"A city-year, {pupils:,} pupils (reach: 8 x floor, 6,144 MiB)",
            ("stage", "rows", "seconds", "rows/s", "peak MiB", "x floor"),
            lines,
        )
        again = junheng(home, "run", "--settle", "0")
        corrected = _correct_one_school(home)
        table(
            "The same home afterwards (reach: 10 s with nothing new, 30 s for one corrected school file)",
            ("what", "seconds", "peak MiB"),
            [
                ("run, nothing new", again.seconds, again.peak_mib),
                ("run, one corrected file", corrected.seconds, corrected.peak_mib),
            ],
        )


def _correct_one_school(home: Path) -> Cost:
    """Delivers one school's vision file again with one acuity changed, and runs."""
    query = (
        "select file_sha256 from delivery_parts where feed = 'vision_check' and state = 'loaded' and rows_accepted > 0"
        " order by rows_accepted, file_sha256"
    )
    for found in junheng(home, "query", query, "--format", "json").result:
        sha = found["file_sha256"]
        original = home / "raw" / "archive" / sha[:2] / sha
        data = original.read_bytes()
        if b",4.9," in data:
            break
    names = original.with_name(f"{sha}.names.jsonl").read_text(encoding="utf-8")
    target = home / "raw" / "inbox" / json.loads(names.splitlines()[0])["name"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.replace(b",4.9,", b",4.8,", 1))
    return junheng(home, "run", "--settle", "0")

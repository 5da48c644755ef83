"""The floor of a city's run: DuckDB reads the same files (decoded, one delimiter) strictly as text into zstd Parquet and groups them.

Run as a process of its own: `python -m benchmarks.floor INBOX`. Decoding and tidying is not timed; reading, writing and grouping is.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from pathlib import Path

import duckdb

# How many figures are counted per feed in a run: so many times the floor groups its table.
GROUPINGS = {
    "vision_check": 6,
    "physical_exam": 2,
    "fitness_test": 2,
    "film_screening": 2,
    "food_inspection": 4,
    "kitchen_register": 2,
    "student_roster": 2,
}


def _texts(path: Path) -> list[str]:
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            blobs = [archive.read(n) for n in archive.namelist() if n.endswith(".csv")]
    else:
        blobs = [gzip.decompress(data) if path.suffix == ".gz" else data]
    texts = []
    for blob in blobs:
        if blob[:2] in (b"\xff\xfe", b"\xfe\xff"):
            texts.append(blob.decode("utf-16"))
            continue
        try:
            texts.append(blob.decode("utf-8-sig"))
        except UnicodeDecodeError:
            texts.append(blob.decode("gb18030"))
    return texts


def decode(inbox: Path, out: Path) -> dict[tuple[str, int], list[str]]:
    """Writes every CSV as UTF-8 with commas; returns the files by feed and width."""
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number, path in enumerate(
        sorted(p for p in inbox.rglob("*") if p.suffix in (".csv", ".gz", ".zip", ".txt", ".tsv"))
    ):
        feed = path.relative_to(inbox).parts[0]
        for part, text in enumerate(_texts(path)):
            delimiter = max(",\t;", key=text[:4000].count)
            rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
            width = max((len(r) for r in rows), default=0)
            if not width:  # an empty stray among the deliveries
                continue
            target = out / f"{number}-{part}.csv"
            with target.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(r + [""] * (width - len(r)) for r in rows)
            groups[(feed, width)].append(str(target))
    return groups


def main(inbox: Path) -> None:
    """Prints {"seconds", "rows"} as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        groups = decode(inbox, work)
        db = duckdb.connect()
        rows = 0
        started = time.perf_counter()
        for number, ((feed, width), files) in enumerate(sorted(groups.items())):
            columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
            target = work / f"{number}.parquet"
            db.execute(
                f"""copy (select * from read_csv(?, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
                    strict_mode = true, columns = {{{columns}}}, filename = true))
                    to '{target}' (format parquet, compression zstd)""",
                [files],
            )
            for grouping in range(GROUPINGS.get(feed, 1)):
                by = f"c{min(grouping, width - 1)}"
                counted = db.execute(
                    f"select filename, {by}, count(*), count(c{width - 1}) from '{target}' group by all"
                ).fetchall()
                if grouping == 0:
                    rows += sum(r[2] for r in counted)
        print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Reading workbooks in confined children, against bare calamine in this process."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import python_calamine
import xlsxwriter

from benchmarks.measure import table
from orchestration.ingest.pool import read_all, reading_pool


def workbooks(count: int = 2_000, rows: int = 45) -> None:
    """Prints the ratio over `count` class-sized workbooks (reach: 2)."""
    dice = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as folder:
        paths = [Path(folder) / f"{i}.xlsx" for i in range(count)]
        for path in paths:
            with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
                sheet = book.add_worksheet()
                for column in range(18):
                    sheet.write_string(0, column, f"列{column}")
                for row in range(1, rows + 1):
                    for column in range(18):
                        if column < 6:
                            sheet.write_string(row, column, f"文本{dice.randrange(10**6)}")
                        else:
                            sheet.write_number(row, column, dice.randrange(30, 2000) / 10)
        started = time.perf_counter()
        cells = sum(
            len(python_calamine.CalamineWorkbook.from_path(str(p)).get_sheet_by_index(0).to_python()) for p in paths
        )
        bare = time.perf_counter() - started
        with reading_pool(count) as pool:
            next(iter(read_all(pool, [(str(paths[0]), "a.xlsx")])))  # children started
            started = time.perf_counter()
            read = sum(
                grid.frame.height
                for content in read_all(pool, [(str(p), "a.xlsx") for p in paths])
                for grid in content.grids
            )
            ours = time.perf_counter() - started
        assert cells == read
        table(
            f"{count:,} workbooks of {rows} rows x 18 columns (reach: 2)",
            ("reader", "rows", "seconds", "files/s", "ratio"),
            [
                ("bare calamine", cells, bare, int(count / bare), 1.0),
                ("confined children", read, ours, int(count / ours), ours / bare),
            ],
        )

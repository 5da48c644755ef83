"""A ledger with thousands of deliveries: what a run costs when nothing is new."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import junheng, table


def many_files(count: int = 5_000) -> None:
    """Prints first run, second run (reach: 10 s) over `count` small class files."""
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as folder:
        home = Path(folder)
        schools = range(2141000001, 2141000001 + count // 10)
        register = home / "raw" / "inbox" / "school_register" / "2024-2025" / "register.csv"
        register.parent.mkdir(parents=True)
        listed = "".join(f"{school},第{school}小学,211,411302,121,1\n" for school in schools)
        register.write_text("学校标识码,学校名称,办学类型码,区县代码,城乡分类代码,食堂数\n" + listed, encoding="utf-8")
        for number in range(count):
            school = schools[number // 10]
            path = home / "raw" / "inbox" / "class_roster" / str(school) / "2024-2025-1" / f"{number % 10 + 1}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"年级编号,班级编号,学生数\n11,{number % 10 + 1},45\n", encoding="utf-8")
        first = junheng(home, "run", "--settle", "0")
        second = junheng(home, "run", "--settle", "0")
        table(
            f"{count:,} deliveries in the ledger (reach: 10 s for the second run)",
            ("run", "seconds", "peak MiB"),
            [("first", first.seconds, first.peak_mib), ("second, nothing new", second.seconds, second.peak_mib)],
        )

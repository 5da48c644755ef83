"""What holds for any deliveries: nothing is lost, order and batches do not matter, a second landing changes nothing."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deliveries import (
    AUTUMN,
    OTHER_SCHOOL,
    SCHOOL,
    VISION_HEAD,
    YEAR,
    Outcome,
    csv_bytes,
    deliver,
    hashes,
    land_all,
    new_home,
    vision,
    vision_row,
    xjh,
    xlsx_bytes,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.config import Home
from orchestration.ingest import land
from orchestration.ledger import Ledger

PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"


@contextmanager
def scratch() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        yield new_home(Path(folder) / "home")


def conserved(out: Outcome) -> None:
    """Every row of every part is accounted for once, in the parts, the base tables and the rejects."""
    parts = out.parts
    assert (parts["rows_read"] == parts["rows_accepted"] + parts["rows_rejected"] + parts["rows_not_data"]).all()
    rows = out.rejected.filter(pl.col("row_number").is_not_null())
    keys = ["delivery_id", "part", "row_number"]
    assert rows.select(keys).is_duplicated().sum() == 0
    per_part = rows.group_by("delivery_id", "part").len("n")
    refused = out.rejected.filter(pl.col("row_number").is_null()).select("delivery_id", "part").unique()
    checked = parts.join(refused, on=["delivery_id", "part"], how="anti").join(
        per_part, on=["delivery_id", "part"], how="left"
    )
    assert (checked["rows_rejected"] == checked["n"].fill_null(0)).all()
    for feed in ("vision_check", "fitness_test", "food_inspection"):
        accepted = out.base(feed).select(keys).unique()
        assert accepted.height == parts.filter(pl.col("feed") == feed)["rows_accepted"].sum()
        assert accepted.join(rows.filter(pl.col("feed") == feed), on=keys, how="semi").height == 0


def shape_of(home: Home) -> dict[str, Any]:
    """Base tables without receipt numbers (they tell the order), and the bytes of all that must not depend on it."""
    tables = {
        str(p.relative_to(home.base)): pl.read_parquet(p).drop("receipt", strict=False).rows()
        for p in sorted(home.base.rglob("*.parquet"))
    }
    fixed = {n: h for n, h in hashes(home.base).items() if n.startswith(("_parts", "_rejected"))}
    return {"tables": tables, "fixed": fixed}


CELL = st.sampled_from(
    [
        "",
        "4.9",
        "0",
        "9",
        "X",
        "未测",
        "50",
        "0.8",
        "４。９",
        "abc",
        "2.7",
        "=1",
        "4.8999999999999995",
        "合计",
        "/",
        "　",
    ]
)
NUMBER = st.sampled_from([xjh(1), xjh(2), xjh(3)[1:], "4.11E+17", "", "G1", "填表人：", "示例", xjh(4).lower()])
DAY = st.sampled_from(["2024-10-15", "45580", "2024/3/1", "2024-13-01", "", "2099-01-01", "2025年3月1日"])
LINE = st.tuples(
    NUMBER, CELL, CELL, DAY, st.sampled_from(["13", "三年级", "10", "", "全校"]), st.sampled_from(["男", "2", "", "?"])
)
HEAD = ["学籍号", "右眼裸眼视力", "左眼裸眼视力", "检查日期", "年级", "性别"]


@settings(max_examples=25)
@given(
    st.lists(LINE, max_size=12),
    st.sampled_from(["csv", "xlsx"]),
    st.sampled_from([PLACE, SCHOOL, ".", f"vision_check/{YEAR}"]),
)
def test_every_row_is_accepted_rejected_or_not_data(lines: Sequence[tuple[str, ...]], kind: str, place: str) -> None:
    rows = [HEAD, *(list(line) for line in lines)]
    with scratch() as home:
        deliver(
            home,
            f"{place}/a.{kind}",
            csv_bytes(rows) if kind == "csv" else xlsx_bytes({"Sheet1": rows}, strings_to_formulas=False),
        )
        out = land_all(home)
        conserved(out)
        part = out.part(str(Path(place) / f"a.{kind}"))
        seen = len(lines)
        while kind == "xlsx" and seen and not any(lines[seen - 1]):
            seen -= 1  # Excel stores no trailing blank rows
        assert part["rows_read"] == seen
        assert part["state"] == ("rejected" if part["rows_rejected"] and not part["rows_accepted"] else "loaded")


KITCHEN = ["学校标识码", "统计日期", "食堂数", "实现明厨亮灶食堂数"]
FOOD = ["检查编号", "学校标识码", "检查日期", "检查类型"]
FILES: dict[str, tuple[bytes, dict[str, Any] | None]] = {
    f"{PLACE}/a.csv": (csv_bytes(vision(*(vision_row(i) for i in range(6)), vision_row(7, "8.8"))), None),
    f"{PLACE}/b.xlsx": (xlsx_bytes({"一": vision(vision_row(1, "4.5")), "二": vision(vision_row(9), vision_row(10, "x"))}), None),
    f"{PLACE}/copy of a.csv": (csv_bytes(vision(*(vision_row(i) for i in range(6)), vision_row(7, "8.8"))), None),
    f"{PLACE}/glasses.csv": (csv_bytes([["学籍号", "右眼裸眼视力", "左眼裸眼视力", "戴镜类型(0无 1框架)", "检查日期"], [xjh(3), "4.9", "4.9", "1", "2024-10-16"]]), None),
    f"{OTHER_SCHOOL}/20241020.csv": (csv_bytes([["学号", "右眼裸眼视力", "左眼裸眼视力"], ["1", "4.9", "4.9"], ["2", "50", "4.9"]]), {"version": 2, "replace": True}),
    f"{SCHOOL}/{YEAR}/two.csv": (csv_bytes([["学籍号", "身高", "体重", "肺活量", "50米跑", "坐位体前屈", "左眼裸眼视力", "右眼裸眼视力"],
                                            [xjh(1), "145", "38", "2100", "9.1", "3", "4.9", "5.0"], [xjh(2), "1.45", "38", "2100", "9.1", "3", "4.9", "5.0"]]), None),
    "food_inspection/items.csv": (csv_bytes([[*FOOD, "项目序号", "结果"], ["1", SCHOOL, "2024-10-15", "日常", "*5", "否"]]), None),
    "food_inspection/checks.csv": (csv_bytes([[*FOOD, "1", "2", "检查结论"], ["2", SCHOOL, "2024-10-15", "自查", "是", "", "合格"]]), None),
    "kitchen_register/lean.csv": (csv_bytes([KITCHEN, [SCHOOL, "2024-10-15", "1", "2"]]), None),
    "kitchen_register/full.csv": (csv_bytes([[*KITCHEN, "互联网+明厨亮灶食堂数"], [OTHER_SCHOOL, "2024-10-15", "1", "1", "0"]]), None),
    "unknown.csv": ("无关\n".encode(), None), f"{SCHOOL}/{OTHER_SCHOOL}.csv": (b"x,y\n", None), "empty.csv": (b"", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def at_once() -> dict[str, Any]:
    """The state after all of FILES in one landing."""
    with scratch() as home:
        for path, (data, sidecar) in FILES.items():
            deliver(home, path, data, sidecar=sidecar)
        conserved(land_all(home))
        return shape_of(home)


@settings(max_examples=8)
@given(data=st.data())
def test_order_and_batches_do_not_matter(at_once: dict[str, Any], data: st.DataObject) -> None:
    paths = data.draw(st.permutations(sorted(FILES)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(paths) - 1), max_size=3)))
    waves = data.draw(st.sampled_from([1, 2, 5, 2_000]))
    kept, land.WAVE_FILES = land.WAVE_FILES, waves
    try:
        with scratch() as home:
            for start, end in zip([0, *cuts], [*cuts, len(paths)], strict=True):
                for path in paths[start:end]:
                    deliver(home, path, FILES[path][0], sidecar=FILES[path][1])
                land_all(home)
            assert shape_of(home) == at_once
    finally:
        land.WAVE_FILES = kept


def test_a_second_landing_changes_nothing(home: Home) -> None:
    for path, (data, sidecar) in FILES.items():
        deliver(home, path, data, sidecar=sidecar)
    land_all(home)
    before, head = (
        hashes(home.warehouse, leave=("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm")),
        Ledger(home.ledger_path).head(),
    )
    out = land_all(home)
    assert (out.summary.received, out.summary.touched, out.summary.parts) == (0, [], {})
    assert hashes(home.warehouse, leave=("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm")) == before
    assert Ledger(home.ledger_path).head() == head


def test_untouched_partitions_keep_their_bytes(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1)))
    deliver(home, f"{SCHOOL}/b.csv", vision(vision_row(1, day="2025-03-15")))
    land_all(home)
    before = hashes(home.base / "vision_check")
    deliver(home, f"{SCHOOL}/c.csv", vision(vision_row(2, day="2025-03-16")))
    out = land_all(home)
    assert out.summary.touched == [("vision_check", "2024-2025-2")]
    after = hashes(home.base / "vision_check")
    assert {n for n in after if after[n] != before.get(n)} == {"2024-2025-2.parquet"}


CONTENT = ("pupil_xjh", "school", "period", "check_date", "class_no", "va_right", "va_left", "sphere_right")


@settings(max_examples=6)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=20))
def test_class_files_add_up_to_the_school(classes: list[int]) -> None:
    pupils = [
        vision_row(i, "4.9" if i % 5 else "8.8", **{"班级编号": str(c), "班级名称": f"{c}班"})
        for i, c in enumerate(classes)
    ]
    contents = []
    for split in (False, True):
        with scratch() as home:
            groups = (
                [[p for p, c in zip(pupils, classes, strict=True) if c == k] for k in (1, 2, 3)] if split else [pupils]
            )
            for k, group in enumerate(groups):
                deliver(home, f"{PLACE}/{k}.csv", vision(*group))
            out = land_all(home)
            conserved(out)
            contents.append((sorted(out.base("vision_check").select(CONTENT).rows(), key=str), out.rejected.height))
    assert contents[0] == contents[1]


@settings(max_examples=6)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["", "4.7", "0"])), min_size=1, max_size=6))
def test_corrections_and_blanks_lose_no_row(corrections: list[tuple[int, str]]) -> None:
    with scratch() as home:
        deliver(home, f"{PLACE}/a.csv", vision(*(vision_row(i) for i in range(5))))
        first = land_all(home).base("vision_check")
        for n, (pupil, right) in enumerate(corrections):
            deliver(home, f"{PLACE}/fix{n}.csv", vision(vision_row(pupil, right, right)), sidecar={"version": n + 1})
        out = land_all(home)
        conserved(out)
        after = out.base("vision_check")
        assert after.filter(pl.col("version") == 0).equals(first)
        assert after.height == 5 + len(corrections)
        blank = after.filter(pl.col("version") > 0)
        assert blank["va_right"].null_count() == sum(right == "" for _, right in corrections)


def test_headers_alone_never_collide(home: Home) -> None:
    """Two files that differ in nothing but their rows are two deliveries; the same file twice is one."""
    for name, rows in (("a", vision()), ("b", vision()), ("c", vision(vision_row(1)))):
        deliver(home, f"{PLACE}/{name}.csv", rows)
    out = land_all(home)
    assert (out.summary.received, out.summary.duplicates) == (2, 1)


def test_results_do_not_depend_on_the_key_but_tokens_do(tmp_path: Path) -> None:
    tables = []
    for key in ("11" * 32, "22" * 32):
        home = new_home(tmp_path / key[:2], key)
        deliver(home, f"{PLACE}/a.csv", vision(vision_row(1), vision_row(2)))
        tables.append(land_all(home).base("vision_check"))
    assert tables[0].drop("pupil_xjh").equals(tables[1].drop("pupil_xjh"))
    assert not set(tables[0]["pupil_xjh"]) & set(tables[1]["pupil_xjh"])
    shutil.rmtree(tmp_path)


def test_the_national_head_is_what_the_helpers_write() -> None:
    assert len(VISION_HEAD) == len(vision_row(1)) == 19

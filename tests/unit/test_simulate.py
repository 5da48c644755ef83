"""The simulator: same bytes for the same seed, mistakes where the list says so, a believable region."""

from __future__ import annotations

import ast
import csv
import dataclasses
import datetime as dt
import gzip
import hashlib
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
import python_calamine

import orchestration.simulate as package
from orchestration.simulate import simulate
from orchestration.simulate.desk import Desk
from orchestration.simulate.dirt_cells import strange_date, strange_digits, strange_time
from orchestration.simulate.dirt_feeds import check_digit
from orchestration.simulate.fast_xlsx import fast_xlsx
from orchestration.simulate.files import Page, plain_number, xlsx_bytes
from orchestration.simulate.places import ordinal
from orchestration.simulate.sheets import Batch, column, decimals

RULES = {
    "missing_required", "bad_number", "out_of_range", "ambiguous_time", "bad_time", "bad_date", "bad_code", "id_damaged", "id_invalid",
    "unit_suspect", "weight_suspect", "swapped_suspect", "whole_school", "outside_term", "attended_over_expected", "formula_cell",
    "unknown_school", "closed_school", "date_out_of_period", "pupil_key_missing", "school_unknown_context",
}  # fmt: skip


def tree(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def cells(path: Path, member: str, sheet: str) -> list[list[str]]:
    data, name = path.read_bytes(), path.name
    if name.endswith(".gz"):
        data, name = gzip.decompress(data), name[:-3]
    if name.endswith(".zip"):
        bundle = zipfile.ZipFile(io.BytesIO(data))
        name = member or bundle.namelist()[0]
        data = bundle.read(name)
    if name.endswith(".csv"):
        encoding = "utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        delimiter = max(",;\t", key=text[:3000].count)
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    return [[str(cell) for cell in row] for row in rows]


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Desk, Batch, np.ndarray, str]]]:
    """A region with much dirt, and every batch with what was said to stand of it."""
    out = tmp_path_factory.mktemp("messy")
    seen: list[tuple[Desk, Batch, np.ndarray, str]] = []
    original = Desk.deliver_together

    def spy(self: Desk, batches: Sequence[Batch], stem: str) -> list[np.ndarray]:
        position = len(self.files)
        masks = original(self, batches, stem)
        seen.extend((self, batch, mask, self.files[position][0]) for batch, mask in zip(batches, masks, strict=True))
        return masks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "deliver_together", spy)
        simulate(out, pupils=1600, years=2, seed=3, mess=0.14, counties=2)
    return out, seen


def rejects(out: Path) -> list[dict[str, str]]:
    with (out / "truth" / "rejects.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(tmp_path / name, pupils=500, years=1, seed=seed, mess=0.1)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert tree(tmp_path / "a") != tree(tmp_path / "c")


def test_dirt_does_not_change_the_world(tmp_path: Path) -> None:
    for name, mess in (("clean", 0.0), ("dirty", 0.1)):
        simulate(tmp_path / name, pupils=500, years=2, seed=1, mess=mess, fmt="csv")
    clean, dirty = (pl.read_csv(tmp_path / name / "truth" / "figures.csv") for name in ("clean", "dirty"))
    keys = ["indicator", "period", "level", "entity", "stage", "subgroup"]
    both = clean.join(dirty, on=keys, how="inner")
    assert both.height > 0.95 * clean.height
    # The denominator of a variation is a mean, and that of new cases depends on which check of the year before was left: both may
    # go either way.
    both = both.filter(~pl.col("indicator").str.contains("(_CV|_new)$"))
    # Only rows that were rejected and never repaired are missing: the figures stay close and none grows.
    assert both.filter(pl.col("denominator_right") > pl.col("denominator")).is_empty()
    assert both["denominator_right"].sum() > 0.9 * both["denominator"].sum()


def test_formats_do_not_change_the_truth(tmp_path: Path) -> None:
    for fmt in ("csv", "xlsx", "mixed"):
        simulate(tmp_path / fmt, pupils=500, years=1, seed=4, mess=0, fmt=fmt)  # type: ignore[arg-type]
    figures = {(tmp_path / fmt / "truth" / "figures.csv").read_bytes() for fmt in ("csv", "xlsx", "mixed")}
    assert len(figures) == 1


def test_every_listed_row_is_the_spoilt_one(messy: tuple[Path, list[tuple[Desk, Batch, np.ndarray, str]]]) -> None:
    out, seen = messy
    listed: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for line in rejects(out):
        listed[line["path"], line["sheet"] or line["member"].removesuffix(".csv")].append(line)
    checked = 0
    together = Counter(path for _, _, _, path in seen)
    for _, batch, stands, path in seen:
        several = together[path] > 1
        lines = [
            line
            for (p, part), found in listed.items()
            if p == path and (not several or part == batch.sheet)
            for line in found
        ]
        lost = int((~stands).sum())
        assert lost in (0, len(lines)), (path, lost, len(lines))
        again = [p for p, _ in batch_files(out, batch, "_重报")]
        if lines and not lost:
            assert again, path
        if not lines:
            assert not again
            continue
        rows = cells(out / "inbox" / path, lines[0]["member"], lines[0]["sheet"])
        for line in lines:
            row = rows[int(line["row_number"]) - 1]
            assert any(cell.strip() for cell in row), (path, line)
            assert not {"合计", "示例"} & set(row), (path, line)
        if lost and "name" in batch.text.columns:
            names = batch.text.filter(pl.Series(~stands))["name"].to_list()
            delivered = [
                rows[int(line["row_number"]) - 1] for line in sorted(lines, key=lambda line: int(line["row_number"]))
            ]
            assert all(name in row for name, row in zip(names, delivered, strict=True)), path
            checked += 1
    assert checked > 25


def batch_files(out: Path, batch: Batch, suffix: str) -> list[tuple[str, bytes]]:
    folder = out / "inbox" / batch.feed / batch.school / batch.period
    return [(p.name, p.read_bytes()) for p in folder.glob(f"{batch.stem}{suffix}.*")]


def test_every_rule_is_broken_somewhere(
    tmp_path: Path, messy: tuple[Path, list[tuple[Desk, Batch, np.ndarray, str]]]
) -> None:
    found = {line["rule"] for line in rejects(messy[0])}
    simulate(tmp_path, pupils=2500, years=1, seed=5, mess=0.15, fmt="csv", by_county=True)
    found |= {line["rule"] for line in rejects(tmp_path)}
    assert found == RULES


def test_files_are_listed_once_with_their_fate(messy: tuple[Path, list[tuple[Desk, Batch, np.ndarray, str]]]) -> None:
    out, _ = messy
    with (out / "truth" / "files.csv").open(newline="") as handle:
        states = {row["path"]: row["state"] for row in csv.DictReader(handle)}
    present = {name for name in tree(out / "inbox") if not name.endswith(".meta.json")}
    assert set(states) == present
    assert set(states.values()) == {"loaded", "duplicate", "rejected"}
    kinds = {"".join(Path(name).suffixes[-2:]) if name.endswith(".gz") else Path(name).suffix for name in present}
    assert {".csv", ".xlsx", ".xls", ".zip", ".csv.gz", ".xlsx.gz"} <= kinds


def test_the_region_is_believable(tmp_path: Path) -> None:
    summary = simulate(tmp_path, pupils=9000, years=1, mess=0, fmt="csv", by_county=True, counties=3)
    assert 8300 < summary.pupils < 9700
    assert summary.counties == 3
    figures = pl.read_csv(tmp_path / "truth" / "figures.csv", schema_overrides={"entity": pl.String})
    city = figures.filter((pl.col("level") == "city") & (pl.col("subgroup") == "all"))

    def share(indicator: str, stage: str) -> float:
        row = city.filter((pl.col("indicator") == indicator) & (pl.col("stage") == stage)).row(0, named=True)
        return float(row["numerator"] / row["denominator"])

    assert 0.28 < share("screening_myopia", "primary") < 0.44
    assert 0.6 < share("screening_myopia", "junior") < 0.78
    assert 0.7 < share("screening_myopia", "senior") < 0.9
    assert share("vision_two_checks", "compulsory") > 0.85


def test_no_number_belongs_to_a_real_person(tmp_path: Path) -> None:
    simulate(tmp_path, pupils=500, years=1, mess=0, fmt="csv")
    for path in (tmp_path / "inbox" / "student_roster").rglob("*.csv"):
        rows = cells(path, "", "")
        for row in rows[1:]:
            number = row[4]
            assert not number or (number.startswith("41139") and check_digit(number[:17]) == number[17])


def test_simulator_shares_no_code_with_the_reader() -> None:
    for path in Path(str(package.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = [n for n in names if n.startswith(("orchestration", "expectations", "reports"))]
            assert all(n.startswith("orchestration.simulate") for n in ours), (path.name, ours)


@pytest.mark.parametrize(
    ("text", "number"),
    [("4.9", 4.9), ("-0.25", -0.25), ("12", 12.0), ("012", None), ("4.11E+17", None), ("４", None), ("", None)],
)
def test_plain_numbers_only_become_number_cells(text: str, number: float | None) -> None:
    assert plain_number(text) == number


def test_both_workbook_writers_say_the_same() -> None:
    columns = (column("a", "组|甲"), column("n", "组|数", kind="number"), column("d", "日期", kind="date"))
    texts = {
        "a": ["<张&三>", " 左", None, "=1+1"],
        "n": ["4.90", "0.8", "４", None],
        "d": ["2024-10-15", "2024-13-45", None, "45550"],
    }
    head: list[Sequence[str]] = [["组", "", "日期"], ["甲", "数", ""]]
    page = Page(
        columns, head, pl.DataFrame(texts), [["合计", "", ""]], [(0, 0, 0, 1), (0, 2, 1, 2)], "表一", {(3, 1): "=4+0.9"}
    )
    read = []
    for data in (xlsx_bytes([page, page_named(page, "表二")], True), fast_xlsx([page, page_named(page, "表二")], True)):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        assert book.sheet_names == ["表一", "表二"]
        sheet = openpyxl.load_workbook(io.BytesIO(data))["表一"]
        merged = sorted(str(area) for area in sheet.merged_cells.ranges)
        read.append(
            (
                book.get_sheet_by_name("表二").to_python(),
                [[cell.value for cell in row] for row in sheet.iter_rows()],
                merged,
            )
        )
    assert read[0] == read[1]
    assert read[0][0][2] == ["<张&三>", 4.9, dt.date(2024, 10, 15)]


def page_named(page: Page, name: str) -> Page:
    return dataclasses.replace(page, name=name)


def test_small_helpers() -> None:
    assert [ordinal(n) for n in (1, 10, 11, 20, 35, 100)] == ["一", "十", "十一", "二十", "三十五", "100"]
    frame = pl.DataFrame({"n": [49, -25, 5, None]})
    assert frame.select(n=decimals(pl.col("n"), 1))["n"].to_list() == ["4.9", "-2.5", "0.5", None]
    rng = np.random.default_rng(1)
    assert len({strange_date("2024-10-15", rng) for _ in range(200)}) == 8
    assert all(any(c.isdigit() for c in strange_digits("111", rng)) for _ in range(200))
    assert {"3:25", "3.25", "205", "3分25秒"} <= {strange_time("3'25\"", rng) for _ in range(200)}


@pytest.mark.parametrize("wrong", [{"until": "2024-2026"}, {"regions": ("atlantis",)}])
def test_wrong_arguments_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"school year|unknown region"):
        simulate(tmp_path, pupils=300, **wrong)  # type: ignore[arg-type]

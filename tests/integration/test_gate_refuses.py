"""Ways around the gate: each ends in a refusal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from small_home import build, built, write_version

from expectations import engine as engines
from expectations import gate, suites, verdict
from expectations.gate import GateRefused, check, load_verdict
from expectations.verdict import Place
from expectations.waivers import Waiver, waive
from orchestration.cli import main
from orchestration.config import Home
from orchestration.disclosure.control import control
from orchestration.ledger import Ledger
from orchestration.release.publish import publish

YEAR = "2024-2025"
Way = Callable[[Home, pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = build(tmp_path_factory.mktemp("judged"))
    control(home, built(home))
    assert check(home, built(home)).passed(YEAR)
    return home


@pytest.fixture
def home(judged: Home) -> Home:
    """The judged home, put back in order by a fresh check where a test disturbed it."""
    return judged


@pytest.fixture
def plain(tmp_path: Path) -> Home:
    home = build(tmp_path)
    control(home, built(home))
    return home


def test_no_verdict(plain: Home) -> None:
    with pytest.raises(GateRefused, match="没有检查结论"):
        load_verdict(plain, built(plain))


def test_verdict_is_the_same_bytes_and_one_entry(home: Home) -> None:
    path = verdict.path_of(home, built(home))
    before = path.read_bytes()
    entries = len(Ledger(home.ledger_path).events("verdict"))
    path.unlink()
    check(home, built(home))
    assert path.read_bytes() == before
    check(home, built(home))
    assert len(Ledger(home.ledger_path).events("verdict")) == entries


def test_edited_verdict(home: Home) -> None:
    path = verdict.path_of(home, built(home))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"passed"', b'"failed"', 1))
    with pytest.raises(GateRefused, match="台账不符"):
        load_verdict(home, built(home))
    path.write_bytes(whole)
    assert load_verdict(home, built(home)).passed(YEAR)


def test_changed_controlled_table(home: Home) -> None:
    extra = home.marts / built(home) / "controlled" / "public" / "extra.parquet"
    extra.write_bytes(b"x")
    with pytest.raises(GateRefused, match="过期"):
        load_verdict(home, built(home))
    extra.unlink()


@pytest.mark.parametrize("name", ["suite_version", "contracts_version"])
def test_stale_key(home: Home, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(verdict, name, lambda *_: "newer")
    with pytest.raises(GateRefused, match="过期"):
        load_verdict(home, built(home))


def test_library_raising_is_a_crash(plain: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("张三 41130120120101001X")

    monkeypatch.setattr(engines.Engine, "_batch", broken)
    result = check(plain, built(plain))
    assert {r.result for r in result.results} == {"crashed"} and not result.passed(YEAR)
    assert "张三" not in verdict.path_of(plain, built(plain)).read_text(encoding="utf-8")


def test_library_missing_is_a_crash(plain: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise ImportError("great_expectations")

    monkeypatch.setattr(engines, "load", gone)
    assert check(plain, built(plain)).overall == "failed"


def test_one_expectation_raising_is_crashed_not_failed(plain: Home) -> None:
    """A table that lost a column: the checks on that column crash, whatever their severity, and block."""
    path = plain.base / "vision_check" / f"{YEAR}-1.parquet"
    for file in path.parent.glob("*.parquet"):
        pl.read_parquet(file).drop("glasses").write_parquet(file)
    result = check(plain, built(plain))
    assert [(r.check, r.result) for r in result.blocking(YEAR)] == [("vision_check.glasses", "crashed")]


def test_zero_checks(plain: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SUITES", {})
    result = check(plain, built(plain))
    assert result.overall == "failed" and not result.passed(YEAR)


def test_emptied_suite(plain: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SUITES", {"films": suites.SUITES["films"], "vision": []})
    result = check(plain, built(plain))
    assert [r.check for r in result.blocking(YEAR)] == ["vision.empty"]


def _no_verdict(home: Home, _: pytest.MonkeyPatch) -> None:
    assert not verdict.path_of(home, built(home)).exists()


def _edited(home: Home, patch: pytest.MonkeyPatch) -> None:
    _emptied(home, patch)
    path = verdict.path_of(home, built(home))
    path.write_bytes(path.read_bytes().replace(b'"not_run"', b'"passed"'))


def _stale(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "SUITES", {"films": suites.SUITES["films"]})
    assert check(home, built(home)).passed(YEAR)
    patch.setattr(verdict, "suite_version", lambda: "newer")


def _raising(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(engines.Engine, "_batch", lambda *_: 1 / 0)
    check(home, built(home))


def _zero_checks(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "SUITES", {})
    check(home, built(home))


def _emptied(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "SUITES", {"films": suites.SUITES["films"], "vision": []})
    check(home, built(home))


@pytest.mark.parametrize("way", [_no_verdict, _edited, _stale, _raising, _zero_checks, _emptied])
def test_no_way_around_the_gate_ends_in_a_release(plain: Home, monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    """Publication itself is asked, not only the verdict: nothing is generated and nothing is released."""

    def generate(*_: object, **__: object) -> None:
        pytest.fail("a refused release was generated")

    way(plain, monkeypatch)
    with pytest.raises(GateRefused):
        publish(plain, YEAR, "", dt.date(2025, 9, 30), generate=generate, write_roots=generate)
    assert not plain.site.exists() and not Ledger(plain.ledger_path).events("release")


def test_a_failed_check_says_where(tmp_path: Path) -> None:
    """By period and county, of column checks and of queries; what belongs to no row is in no county. The counts are those of the check."""

    def spoil(base: dict[tuple[str, str], pl.DataFrame]) -> None:
        key = ("vision_check", f"{YEAR}-2")
        side = pl.col("school").is_in(["2141000003", "2141000004"]) & (pl.col("row_number") % 2 == 0)
        base[key] = base[key].with_columns(
            axis_right=pl.when(side).then(200).cast(pl.Int32),
            glasses=pl.when(side).then(pl.lit("monocle")).otherwise("glasses"),
        )
        roster = ("student_roster", f"{YEAR}-1")
        base[roster] = base[roster].with_columns(sex=pl.when(pl.col("school") != "2141000006").then("sex"))

    home = build(tmp_path, change_base=spoil)
    control(home, built(home))
    public = home.marts / built(home) / "controlled" / "public" / "schools.parquet"
    pl.read_parquet(public).with_columns(extra=1).write_parquet(public)
    failed = {r.check: r for r in check(home, built(home)).results if r.result == "failed"}
    assert set(failed) == {
        "vision_check.axis_right",
        "vision_check.glasses",
        "student_roster.sex_given",
        "public.school_columns",
    }
    spring = f"{YEAR}-2"
    for name in ("vision_check.axis_right", "vision_check.glasses"):
        assert failed[name].places == (Place(spring, "411302", 14), Place(spring, "4113A1", 48))
        assert failed[name].unexpected == 62
    assert failed["student_roster.sex_given"].places == (Place(f"{YEAR}-1", "4113A1", 24),)
    assert failed["public.school_columns"].places == (Place(YEAR, "", 1),)
    # They are read back as they were written.
    assert {r.check: r for r in load_verdict(home, built(home)).results if r.result == "failed"} == failed


def test_from_a_failing_suite_to_the_footnote_on_the_page(tmp_path: Path) -> None:
    """The gate itself fails a county's rows; a waiver of that place lets the year out; the page of what it touches says so."""

    def spoil(base: dict[tuple[str, str], pl.DataFrame]) -> None:
        key = ("vision_check", f"{YEAR}-2")
        side = pl.col("school").is_in(["2141000003", "2141000004"])
        base[key] = base[key].with_columns(
            glasses=pl.when(side).then(pl.lit("monocle")).otherwise("glasses"),
        )

    home, day = build(tmp_path, change_base=spoil), dt.date(2025, 9, 30)
    control(home, built(home))
    (failed,) = check(home, built(home)).blocking(YEAR)
    with pytest.raises(GateRefused, match=failed.check):
        publish(home, YEAR, "", day)
    asked = Waiver("", failed.check, f"{YEAR}-2", "411302", "镜片按旧表登记", "王科长", "李主任", "2025-10-31", "")
    waive(home, asked, day)
    with pytest.raises(GateRefused, match="4113A1"):
        publish(home, YEAR, "", day)
    waive(home, replace(asked, county="4113A1"), day)
    folder = publish(home, YEAR, "", day).folder
    counted = {place.county: place.faults for place in failed.places}
    for county in ("411302", "4113A1"):
        page = (folder / f"county/{county}/index.html").read_text(encoding="utf-8")
        assert "镜片按旧表登记" in page and f"{counted[county]:,}处不符合" in page and failed.check in page
    for path, touched in (("indicator/poor_vision", True), ("indicator/exam_coverage", False), ("release-notes", True)):
        assert ("镜片按旧表登记" in (folder / f"{path}.html").read_text(encoding="utf-8")) is touched


def test_old_year_does_not_block_a_new_one(tmp_path: Path) -> None:
    def spoil(base: dict[tuple[str, str], pl.DataFrame]) -> None:
        key = ("physical_exam", "2023-2024")
        base[key] = base[key].with_columns(height_mm=pl.lit(13, dtype=pl.Int32))

    home = build(tmp_path, ("2023-2024", YEAR), change_base=spoil)
    control(home, built(home))
    result = check(home, built(home))
    assert result.summary() == {"2023-2024": "failed", YEAR: "passed"} and result.overall == "failed"


def test_check_ends_by_the_years_it_judged(tmp_path: Path) -> None:
    """The first check judges both years and fails by the old one; a check of new data in the new year alone does not."""

    def spoil(base: dict[tuple[str, str], pl.DataFrame]) -> None:
        key = ("physical_exam", "2023-2024")
        base[key] = base[key].with_columns(height_mm=pl.lit(13, dtype=pl.Int32))

    def run() -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--home", str(home.root), "check"])
        return done.exit_code, done.stdout

    home = build(tmp_path, ("2023-2024", YEAR), change_base=spoil)
    control(home, built(home))
    for _ in range(2):
        code, words = run()
        assert code == 3 and "2023-2024 未通过；2024-2025 通过" in words
    marts = {p.stem: pl.read_parquet(p) for p in (home.marts / built(home)).glob("*.parquet")}
    changed = pl.when(pl.col("period").str.starts_with(YEAR)).then(pl.lit("另一句")).otherwise("reason").alias("reason")
    marts["delivery_parts"] = marts["delivery_parts"].with_columns(changed)
    write_version(home, marts)
    control(home, built(home))
    for _ in range(2):
        code, words = run()
        assert code == 0 and "2023-2024 未通过（数据未变，沿用原结论）；2024-2025 通过" in words
    assert not load_verdict(home, built(home)).passed("2023-2024")


def test_verdict_holds_no_value(home: Home) -> None:
    """Counts and sentences only: none of the pupils' tokens, as bytes or as hex."""
    text = verdict.path_of(home, built(home)).read_bytes()
    roster = pl.read_parquet(home.base / "student_roster" / f"{YEAR}-1.parquet")
    tokens = [t for t in roster["pupil_xjh"] if t is not None]
    assert not any(t in text or t.hex().encode() in text for t in tokens)
    assert set(json.loads(text)) == {"format", "key", "controlled", "fingerprints", "overall", "school_years", "checks"}


def test_only_changed_years_are_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year whose inputs are what they were keeps its results, to the byte; a changed one is judged."""
    home = build(tmp_path, ("2023-2024", YEAR))
    control(home, built(home))
    check(home, built(home))
    marts = {p.stem: pl.read_parquet(p) for p in (home.marts / built(home)).glob("*.parquet")}
    spoiled = (pl.col("period") == YEAR) & (pl.col("indicator") == "exam_coverage")
    numerator = pl.when(spoiled).then(pl.col("numerator") + 1000).otherwise("numerator").alias("numerator")
    marts["indicator_values"] = marts["indicator_values"].with_columns(numerator)
    write_version(home, marts)
    control(home, built(home))
    judged: list[str] = []
    judge = engines.Engine.judge

    def watch(self: engines.Engine, schema: str, *rest: Any) -> Any:
        judged.append(schema)
        return judge(self, schema, *rest)

    monkeypatch.setattr(engines.Engine, "judge", watch)
    again = check(home, built(home))
    assert set(judged) == {"common", "y2024_2025"}
    assert again.summary() == {"2023-2024": "passed", YEAR: "failed"}
    # Without anything to reuse, the same verdict comes out.
    verdict.path_of(home, built(home)).unlink()
    monkeypatch.setattr(verdict, "earlier", lambda *_: None)
    assert check(home, built(home)).encode() == again.encode()

"""The simulated region published: through the gate only, again with a note only, and what the gate finds when somebody poisons it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import poisons
import polars as pl
import pytest
from integration.spine_world import World, first_run, junheng, marts

from expectations import gate
from expectations.verdict import Place, load_verdict
from orchestration.config import Home
from orchestration.disclosure.control import control
from orchestration.ledger import Ledger
from orchestration.ledger.tables import enter_merged
from orchestration.warehouse import build

YEAR = "2024-2025"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The home after its first run."""
    return first_run(tmp_path_factory)


@dataclass(frozen=True)
class Published:
    """A copy of it with its first release, and what the command said."""

    home: Home
    told: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def published(world: World, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """One release for all tests; the last of them goes on to the next release."""
    home = world.copy(tmp_path_factory.mktemp("published") / "home")
    return Published(home, junheng(home.root, "publish", "--year", YEAR))


def test_publication_goes_through_the_gate_only(world: World, published: Published, tmp_path: Path) -> None:
    copy = world.copy(tmp_path / "home")
    verdict = marts(copy) / "verdict.json"
    text = verdict.read_text(encoding="utf-8")
    verdict.write_text(text.replace('"failed"', '"passed"').replace("passed", "passed ", 1), encoding="utf-8")
    refused = junheng(copy.root, "publish", "--year", YEAR)
    assert refused.returncode == 3, refused.stderr
    assert not (copy.site / YEAR).exists()
    # the same home with the verdict as the gate left it
    assert published.told.returncode == 0, published.told.stderr
    assert json.loads(published.told.stdout)["release"] == "r1"


def test_a_changed_page_of_a_release_is_seen(published: Published) -> None:
    home = published.home
    assert junheng(home.root, "verify").returncode == 0
    page = home.site / YEAR / "r1" / "index.html"
    content = page.read_bytes()
    page.write_text("x")
    assert junheng(home.root, "verify").returncode == 6
    page.write_bytes(content)


def failures(home: Home) -> set[tuple[str, str, str, int]]:
    verdict = load_verdict(home, marts(home).name)
    failed = [r for r in verdict.of("2024-2025") if r.result != "passed"]
    return {(r.check, p.period, p.county, p.faults) for r in failed for p in r.places or [Place(r.result, "", 0)]}


def test_each_poison_is_caught_by_the_check_meant_for_it(world: World, tmp_path: Path) -> None:
    """Four poisons at once in one region, each in its place: what fails besides, fails because of one of them, and is said so here."""
    copy = world.copy(tmp_path / "home", "raw", "reports")
    schools = pl.read_parquet(marts(copy) / "schools.parquet").filter(pl.col("period") == "2024-2025")
    copied = schools.filter(pl.col("county") == "411303")["school"].to_list()
    poisons.second_round_copied(copy, "2024-2025-1", copied)
    poisons.signs_lost(copy, "2024-2025-1", "3141900002")
    poisons.last_years_sheet(copy, "2024-2025", "2023-2024", "2141900001")
    poisons.roster_short(copy, "2024-2025-2", "3141900003")
    # As if they had been delivered so: what lies in the tables is what was entered.
    enter_merged(copy, Ledger(copy.ledger_path), (copy.warehouse / "base").rglob("*.parquet"))
    build(copy)
    control(copy, marts(copy).name)
    # None of them blocks: what looks copied is shown, and a person decides.
    assert gate.check(copy, marts(copy).name).passed("2024-2025")
    found = failures(copy) - failures(world.home)
    assert {(check, period, county) for check, period, county, _ in found} == {
        ("vision_check.identical_second", "2024-2025-1", "411303"),
        ("vision_check.sign", "2024-2025-1", "411322"),
        ("indicator_values.school_jump", "2024-2025-1", "411322"),  # the myopia that vanished with the signs
        ("physical_exam.last_year", "2024-2025", "411322"),
        ("student_roster.semester_jump", "2024-2025-2", "411303"),
    }
    assert {faults for check, _, _, faults in found if check == "vision_check.identical_second"} == {5}


def test_a_correction_moves_its_school_only_and_needs_a_note(published: Published) -> None:
    copy = published.home
    before = pl.read_parquet(marts(copy) / "indicator_values.parquet")
    school = before.filter(
        (pl.col("level") == "school") & (pl.col("indicator") == "kitchen_open") & (pl.col("denominator") > 0)
    )["entity"].sort()[0]
    target = copy.inbox / "kitchen_register" / "更正.csv"
    target.parent.mkdir(parents=True)
    target.write_text(
        f"学年,学校标识码,统计日期,食堂数,实现明厨亮灶食堂数,互联网+明厨亮灶食堂数\n2024-2025,{school},2025-08-30,20,0,0\n",
        encoding="utf-8",
    )
    result = junheng(copy.root, "run", "--settle", "0")
    assert result.returncode == 0, result.stderr
    after = pl.read_parquet(marts(copy) / "indicator_values.parquet")
    moved = after.join(before, on=after.columns, how="anti", nulls_equal=True)
    assert set(moved["indicator"]) == {"kitchen_open", "kitchen_internet"}
    assert set(moved.filter(pl.col("level") == "school")["entity"]) == {school}
    assert junheng(copy.root, "publish", "--year", "2024-2025").returncode == 2  # r2 without a note
    assert (
        json.loads(junheng(copy.root, "publish", "--year", "2024-2025", "--note", "更正食堂数").stdout)["release"]
        == "r2"
    )
    assert (copy.site / "2024-2025" / "r1" / "index.html").exists()
    # r1 is traced as of r1, from the build its deliveries give again, though the correction has been landed since
    stage = before.filter((pl.col("entity") == school) & (pl.col("indicator") == "kitchen_open"))["stage"].sort()[0]
    figure = f"kitchen_open.2024-2025.school.{school}.{stage}.all"
    then, now = (
        json.loads(junheng(copy.root, "trace", figure, "--release", f"2024-2025/{release}").stdout)
        for release in ("r1", "r2")
    )
    assert then["source"]["replayed"] and then["source"]["exact"] and not now["source"]["replayed"]
    assert then["source"]["recounted"] == [then["figure"]["numerator"], then["figure"]["denominator"]]
    assert now["figure"]["numerator"] == 0 and now["figure"]["denominator"] == 20
    names = [{f["file_name"] for f in walk["files"] if f["rows"]} for walk in (then, now)]
    assert len(names[1] - names[0]) == 1 and (names[1] - names[0]).pop().startswith("kitchen_register/更正")

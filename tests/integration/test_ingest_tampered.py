"""A row edited between the archive and the marts is found: before anything is built from it, and by `verify`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from deliveries import AS_OF, AUTUMN, SCHOOL, deliver, land_all, new_home, vision, vision_row

from orchestration import steps
from orchestration.config import ConfigError, Home
from orchestration.ingest.parquet import write_parquet
from orchestration.inspection import query
from orchestration.jobs import _must_build
from orchestration.ledger import Ledger
from orchestration.ledger.tables import BASE, LANDED, MERGED, RECORDS, enter_build, table_faults
from orchestration.release import verify
from orchestration.warehouse import build, touched
from orchestration.warehouse.export import point_to

PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = new_home(tmp_path_factory.mktemp("sealed"))
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1), vision_row(2)))
    land_all(home)
    return home


@pytest.fixture
def home(sealed: Home, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(sealed.root, tmp_path / "home")
    return Home(tmp_path / "home")


def better_sight(path: Path) -> None:
    """What somebody would do who wants better figures: the table is whole and plausible, and says something else."""
    write_parquet(pl.read_parquet(path).with_columns(va_right=pl.lit(53, pl.Int16), va_left=pl.lit(53, pl.Int16)), path)


def base_file(home: Home) -> Path:
    return home.base / "vision_check" / f"{AUTUMN}.parquet"


def test_nothing_was_changed(home: Home) -> None:
    assert table_faults(home, LANDED, BASE) == [] == verify(home)
    before = Ledger(home.ledger_path).head()
    land_all(home)
    assert Ledger(home.ledger_path).head() == before  # nothing new, nothing entered


def test_nothing_is_built_from_an_edited_base_table(home: Home) -> None:
    better_sight(base_file(home))
    named = f"warehouse/base/vision_check/{AUTUMN}.parquet：文件被改动"
    assert verify(home) == [named]
    with pytest.raises(ConfigError, match=r"文件被改动.*junheng rebuild"):
        build(home)
    land_all(home)  # a landing does not take the edited file for its own
    assert verify(home) == [named]


def test_a_base_table_that_nobody_landed_and_one_that_is_gone(home: Home) -> None:
    stranger = home.base / "vision_check" / "2025-2026-1.parquet"
    base_file(home).rename(stranger)
    named = "warehouse/base/vision_check/2025-2026-1.parquet：台账中没有这个文件"
    assert verify(home) == [f"warehouse/base/vision_check/{AUTUMN}.parquet：文件不存在", named]
    land_all(home)  # a landing merges what is gone again, and does not take the stranger for its own
    assert verify(home) == [named]
    with pytest.raises(ConfigError, match="台账中没有这个文件"):
        build(home)


def test_nothing_is_merged_from_an_edited_landed_file(home: Home) -> None:
    landed = next((home.landed / "vision_check").rglob("*.parquet"))
    better_sight(landed)
    assert verify(home) == [f"{landed.relative_to(home.root)}：文件被改动"]
    deliver(home, f"{PLACE}/b.csv", vision(vision_row(3)))
    before = base_file(home).read_bytes()
    with pytest.raises(ConfigError, match="文件被改动"):
        land_all(home)
    assert base_file(home).read_bytes() == before


def test_tables_from_before_hashes_were_kept_are_entered_by_the_next_landing(home: Home, tmp_path: Path) -> None:
    old = Home(tmp_path / "old")
    shutil.copytree(home.root, old.root)
    ledger = Ledger(home.ledger_path)
    old.ledger_path.unlink()
    for event in ledger.events():
        if event.kind != MERGED:
            body = {k: v for k, v in event.body.items() if (event.kind, k) != ("wave", "sha256")}
            Ledger(old.ledger_path).append(event.kind, body)
    assert table_faults(old, LANDED, BASE) == []
    land_all(old)
    better_sight(base_file(old))
    better_sight(next((old.landed / "vision_check").rglob("*.parquet")))
    assert [f.rpartition("：")[2] for f in table_faults(old, BASE, LANDED)] == ["文件被改动"] * 2


def test_a_record_table_that_was_edited_is_named_and_not_read(home: Home) -> None:
    records = home.records / "vision_checks"
    records.mkdir(parents=True)
    for period in (AUTUMN, "2024-2025-2"):
        write_parquet(pl.read_parquet(base_file(home)), records / f"{period}.parquet")
    (home.marts / "v").mkdir(parents=True)
    home.current.write_text('{"built": "v", "released": {}}')
    ledger = Ledger(home.ledger_path)
    enter_build(home, ledger, "v", records.glob("*.parquet"))
    head = ledger.head()
    enter_build(home, ledger, "v", records.glob("*.parquet"))
    assert ledger.head() == head and table_faults(home, RECORDS) == []
    assert query(home, "select count(*) from vision_checks", records=True)[1] == [(4,)]
    better_sight(records / f"{AUTUMN}.parquet")
    (records / "2024-2025-2.parquet").rename(records / "2025-2026-1.parquet")
    named = [
        "2024-2025-1.parquet：文件被改动",
        "2024-2025-2.parquet：文件不存在",
        "2025-2026-1.parquet：台账中没有这个文件",
    ]
    assert [f for f in verify(home) if "records" in f] == [f"warehouse/records/vision_checks/{name}" for name in named]
    with pytest.raises(ConfigError, match="文件被改动"):
        query(home, "select count(*) from vision_checks", records=True)
    enter_build(home, ledger, "v", records.glob("*.parquet"))  # written anew, one period gone and one new
    assert table_faults(home, RECORDS) == []


def test_a_run_builds_where_another_version_is_shown_than_was_built(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a run with nothing new would go on from the version that `current.json` was set back to."""
    monkeypatch.setattr(touched, "prepare", lambda _: touched.Touched(frozenset(), frozenset(), False, ""))
    for version in ("old", "new"):
        (home.marts / version).mkdir(parents=True)
        point_to(home, version)
        enter_build(home, Ledger(home.ledger_path), version)
    assert not _must_build(home)
    point_to(home, "old")
    assert _must_build(home)


@pytest.mark.parametrize(("gone", "said"), [(False, "被改动"), (True, "不存在")])
def test_nothing_is_rebuilt_from_an_edited_original(home: Home, gone: bool, said: str) -> None:
    """The base tables of a rebuild are entered as its own: what was delivered must be what is read."""
    (original,) = (p for p in home.archive.rglob("*") if p.is_file() and not p.suffix)
    original.chmod(0o640)
    content = original.read_bytes()
    original.write_bytes(content.replace(b"4.9", b"5.2"))
    assert original.read_bytes() != content
    if gone:
        original.unlink()
    before, head = base_file(home).read_bytes(), Ledger(home.ledger_path).head()
    with pytest.raises(ConfigError, match=f"{original.name}（{said}）.*备份"):
        steps.rebuild_step(steps.Settings(home, AS_OF, 0.0))
    assert base_file(home).read_bytes() == before and Ledger(home.ledger_path).head() == head
    Ledger(home.ledger_path).append("rebuild", {})  # as if it had been killed right after it began
    with pytest.raises(ConfigError, match=said):
        land_all(home)


def test_a_rebuild_enters_its_own_tables(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    better_sight(base_file(home))
    monkeypatch.setattr(steps, "build_step", lambda *_: None)  # dbt has its own tests
    steps.rebuild_step(steps.Settings(home, AS_OF, 0.0))
    assert verify(home) == []

"""How builds behave: empty homes, corrections against full rebuilds, other machines, killed builds, damaged databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from integration.base_fixtures import SCHEMAS, delivery, hashes, marts_of, token, write_base
from integration.warehouse_world import AUTUMN, SPRING, YEAR, A, B, correction, day, pupil, world
from sweep import FULL

from orchestration.config import DBT_PROJECT_DIR, PACKAGE_ROOT, Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import RECORDS, database_faults, last_built, table_faults
from orchestration.warehouse import DbtFailed, WarehouseBusy, build, builder, export, prepare
from orchestration.warehouse.export import version_of
from orchestration.warehouse.touched import touched_path

CATALOGUE = DBT_PROJECT_DIR / "seeds" / "indicators_seed.csv"
COUNTING = ("indicator_values", "schools", "coverage", "delivery_parts", "rejected_rows")


def test_plain_dbt_builds_and_unit_tests_an_empty_home(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    environment = os.environ | {
        "JUNHENG_HOME": str(tmp_path),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        # what dbt writes about itself takes seconds and proves nothing here
        "DBT_WRITE_JSON": "false",
        "DBT_LOG_LEVEL_FILE": "none",
    }
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "build", "--project-dir", "dbt_project", "--profiles-dir", "dbt_project"]
    done = subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "unit test" in done.stdout
    with duckdb.connect(str(tmp_path / "warehouse" / "build.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.indicator_values").fetchall() == [(0,)]


def test_an_empty_home_has_empty_marts_and_a_second_build_does_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = build(home)
    marts = marts_of(home, first.data_version.version)
    assert all(marts[name].is_empty() for name in COUNTING)
    assert marts["indicators"].height == CATALOGUE.read_text(encoding="utf-8").count("\n") - 1
    before = hashes(home.marts)
    second = build(home)
    assert second.skipped and second.data_version.version == first.data_version.version
    assert hashes(home.marts) == before


def _changed(step: int) -> dict[str, list[dict[str, object]]]:
    """The region after a number of changes, each touching another feed."""
    tables = world()
    if step == 0:  # a feed of which nothing has come yet
        tables["kitchen_register"] = []
    if step >= 1:  # a correction, a roster row that links a token, and a pupil who moves from A to B in spring
        moved = {
            "school": B,
            "grade": 7,
            "sex": "male",
            "class_no": "1",
            "status": "在读",
            "entered_on": day("2025-03-01"),
        }
        tables["vision_check"] += correction()
        tables["student_roster"] += delivery(
            60, [moved | pupil("a0", "one", B)], period=SPRING, payload_date=day("2025-03-12")
        )
        seen = {"school": B, "check_date": day("2025-04-01"), "va_right": 45, "va_left": 45}
        tables["vision_check"] += delivery(61, [seen | {"pupil_no": token(f"no {B} a0")}], period=SPRING)
    if step >= 2:  # the register alone
        tables["school_register"] += delivery(
            63, [{"school": B, "canteens": 3, "residence": "town"}], period=YEAR, payload_date=day("2024-12-01")
        )
    if step >= 3:  # a partition goes, another comes
        tables["film_screening"] = []
        tables["physical_exam"] += delivery(
            62, [{"school": B, "exam_date": day("2024-11-20")} | pupil("b3", "one")], period=YEAR
        )
    return tables


def test_building_only_what_changed_equals_building_everything(tmp_path: Path) -> None:
    home = Home(tmp_path / "kept")
    for step in range(4):
        write_base(home, _changed(step))
        result = build(home)
        # A feed's first file (step 1) and its last one's going (step 3) touch their own partitions only.
        assert result.touched.full_refresh == (step == 0)
        if step < (1 if FULL else 3):  # what an earlier step got wrong would still be there
            continue
        fresh = write_base(Home(tmp_path / f"fresh{step}"), _changed(step))
        whole = build(fresh)
        assert result.data_version.version == whole.data_version.version, step
        assert hashes(home.records) == hashes(fresh.records), step


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """A built home and its version; whoever disturbs it leaves it built again."""
    home = write_base(Home(tmp_path_factory.mktemp("standing")), world())
    return home, build(home).data_version.version


@pytest.fixture(scope="module")
def pristine(standing: tuple[Home, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Marts and records of that home as they were built first."""
    home, version = standing
    return {f"{version}/{name}": value for name, value in hashes(home.marts / version).items()}, hashes(home.records)


def test_other_threads_time_zone_and_locale_give_the_same_bytes(
    pristine: tuple[dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    there = write_base(Home(tmp_path / "there"), world())
    code = "import sys, pathlib; from orchestration.config import Home; from orchestration.warehouse import build; build(Home(pathlib.Path(sys.argv[1])))"
    environment = os.environ | {
        "TZ": "Asia/Shanghai",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "JUNHENG_DBT_THREADS": "3",
        "JUNHENG_DUCKDB_THREADS": "3",
    }
    subprocess.run([sys.executable, "-c", code, str(there.root)], cwd=PACKAGE_ROOT, env=environment, check=True)
    assert (hashes(there.marts), hashes(there.records)) == pristine


def test_a_killed_build_is_taken_up_again(standing: tuple[Home, str]) -> None:
    home, version = standing
    tables = world()
    tables["vision_check"] += correction()
    write_base(home, tables)
    prepare(home)  # the build dies here, and then the file is taken back
    write_base(home, world())
    left_over = prepare(home)
    assert ("vision_check", AUTUMN) in left_over.partitions and not left_over.changed
    again = build(home)
    assert not again.skipped and again.data_version.version == version
    assert not touched_path(home).exists()


def test_a_database_that_another_process_holds_is_left_alone(standing: tuple[Home, str]) -> None:
    home, _ = standing
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(home.build_db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseBusy, match="另一个程序"):
            prepare(home)
        holder.communicate("")
    assert home.build_db.exists() and not list(home.warehouse.glob("*.damaged*"))


def test_released_versions_stay_in_current(standing: tuple[Home, str]) -> None:
    home, version = standing
    home.current.write_text('{"built": "x", "released": {"2024-2025": {"release": "r1", "data_version": "x"}}}')
    shutil.rmtree(home.marts / version)
    assert build(home).data_version.version == version and (home.marts / version).is_dir()
    assert f'"built": "{version}"' in home.current.read_text() and '"release": "r1"' in home.current.read_text()


def test_a_pointer_set_back_and_edited_tables_are_put_right(standing: tuple[Home, str]) -> None:
    home, version = standing
    build(home)
    shutil.copytree(home.marts / version, home.marts / "older")
    home.current.write_text('{"built": "older", "released": {}}')
    said: list[str] = []
    again = build(home, said.append)
    assert again.skipped and again.data_version.version == version and any("已改回" in line for line in said)
    assert f'"built": "{version}"' in home.current.read_text()
    path = home.marts / version / "schools.parquet"
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    (path.parent / "more.parquet").write_bytes(content)
    assert export(home).version == version and version_of(path.parent) == version and path.read_bytes() == content
    assert table_faults(home, RECORDS) == [] and last_built(Ledger(home.ledger_path)) == version


def test_nothing_is_built_on_an_edited_database(standing: tuple[Home, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of one partition leaves the others in the database as they are: an edited one would go into every version from then on."""

    def stop(_: Home) -> None:
        raise InterruptedError

    home, _ = standing
    build(home)
    aside, content = home.warehouse / "build.duckdb.damaged-1", home.build_db.read_bytes()
    assert database_faults(home) == []
    monkeypatch.setattr(builder, "prepare", stop)
    for cut_off in (False, True):
        with duckdb.connect(str(home.build_db)) as connection:
            connection.execute("update marts.indicator_values set numerator = denominator where level = 'city'")
        assert database_faults(home) == ["warehouse/build.duckdb：与最近一次建仓时的不同"]
        if cut_off:
            touched_path(home).touch()
        with pytest.raises(InterruptedError):
            build(home)
        assert not home.build_db.exists() and aside.exists() is not cut_off
        touched_path(home).unlink(missing_ok=True)
        aside.unlink(missing_ok=True)
        home.build_db.write_bytes(content)
    assert database_faults(home) == []


def test_a_damaged_database_is_moved_aside_and_built_again(standing: tuple[Home, str]) -> None:
    home, version = standing
    home.build_db.write_bytes(b"not a database" * 1000)
    again = build(home)
    assert again.touched.full_refresh and again.data_version.version == version
    assert home.build_db.with_name("build.duckdb.damaged-1").exists()


def test_a_failure_names_models_and_no_values(tmp_path: Path) -> None:
    tables = world()
    home = write_base(Home(tmp_path), tables)
    broken = pl.read_parquet(home.base / "vision_check" / f"{AUTUMN}.parquet").with_columns(va_right=pl.lit("红旗小学"))
    broken.write_parquet(home.base / "vision_check" / f"{AUTUMN}.parquet")
    with pytest.raises(DbtFailed) as failure:
        build(home)
    assert "建仓失败" in str(failure.value) and "红旗小学" not in str(failure.value)
    assert not home.current.exists()
    build(write_base(home, tables))
    assert home.current.exists()


def test_the_source_declares_every_feed() -> None:
    assert {"school_register", "vision_check", "_parts", "_rejected", "_fingerprints"} <= SCHEMAS.keys()
    assert DBT_PROJECT_DIR.joinpath("profiles.yml").exists() and A

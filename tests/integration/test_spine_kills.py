"""A run killed between its stages: a rerun gives what an uninterrupted one gives."""

import shutil
from pathlib import Path

import pytest
from integration.spine_world import MARTS_ONLY, hashes, junheng, marts

from orchestration.config import Home
from orchestration.simulate import simulate
from orchestration.warehouse.touched import touched_path


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """An inbox with three feeds, and the marts that come of it when nothing interrupts."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    simulate(folder / "region", pupils=300, years=1, mess=0.03, counties=2, seed=7)
    for part in ("school_register", "student_roster", "vision_check"):
        shutil.copytree(folder / "region" / "inbox" / part, folder / "inbox" / part)
    home = Home(folder / "home").create()
    shutil.copytree(folder / "inbox", home.inbox, dirs_exist_ok=True)
    assert junheng(home.root, "land", "--settle", "0").returncode == 0
    assert junheng(home.root, "build", before=MARTS_ONLY).returncode == 0
    return folder / "inbox", hashes(marts(home), "*.parquet")


# Claiming, merging, judging and publishing are killed in their own tests; here the places between the stages of a run.
def test_a_run_killed_at_every_stage_goes_on_to_the_uninterrupted_state(
    uninterrupted: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """Each rerun passes the stage at which the one before it died, and is killed at a later one."""
    inbox, wanted = uninterrupted
    home = Home(tmp_path / "home").create()
    shutil.copytree(inbox, home.inbox, dirs_exist_ok=True)
    kill(home, "land")
    assert not home.current.exists()
    kill(home, "build")  # dies when the marts are written and nothing says so yet
    assert not list(home.inbox.rglob("*.csv"))
    assert touched_path(home).exists()
    assert hashes(marts(home), "*.parquet") == wanted
    shutil.rmtree(marts(home))
    kill(home, "preview")  # dies when what was left to build has been built again
    assert not touched_path(home).exists()
    assert hashes(marts(home), "*.parquet") == wanted
    assert not home.preview.exists()
    assert junheng(home.root, "run", "--settle", "0").returncode == 0
    assert hashes(marts(home), "*.parquet") == wanted
    assert (home.preview / "index.html").exists()


def kill(home: Home, point: str) -> None:
    killed = junheng(home.root, "run", "--settle", "0", before=f"{KILLER}\ndie_at({point!r})")
    assert killed.returncode == 137, killed.stderr


KILLER = """
import os
def die(*_, **__):
    os._exit(137)
def die_at(point):
    if point == "land":
        import orchestration.ingest.land as m
        m.write_parquet = die
    elif point == "build":
        import orchestration.warehouse.touched as m
        m.finish = die
        import orchestration.warehouse.builder as m
        m.finish = die
    else:
        import reports.generate as m
        m.generate = die
"""

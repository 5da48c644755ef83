"""A run killed between its stages: one rerun gives what an uninterrupted one gives."""

import shutil
from pathlib import Path

import pytest
from integration.spine_world import hashes, junheng, marts

from orchestration.config import Home
from orchestration.simulate import simulate


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
    assert junheng(home.root, "build").returncode == 0
    return folder / "inbox", hashes(marts(home), "*.parquet")


# Claiming, merging, judging and publishing are killed in their own tests; here the places between the stages of a run.
@pytest.mark.parametrize("point", ["land", "build", "preview"])
def test_a_kill_at_any_stage_and_one_rerun_give_the_uninterrupted_state(
    uninterrupted: tuple[Path, dict[str, str]], tmp_path: Path, point: str
) -> None:
    inbox, wanted = uninterrupted
    home = Home(tmp_path / "home").create()
    shutil.copytree(inbox, home.inbox, dirs_exist_ok=True)
    killed = junheng(home.root, "run", "--settle", "0", before=f"{KILLER}\ndie_at({point!r})")
    assert killed.returncode == 137, killed.stderr
    assert junheng(home.root, "run", "--settle", "0").returncode == 0
    assert hashes(marts(home), "*.parquet") == wanted
    assert not list(home.inbox.rglob("*.csv"))


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

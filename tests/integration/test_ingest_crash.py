"""A landing killed anywhere and run once more ends in the state of one that was never killed."""

import subprocess
import sys
from pathlib import Path

import pytest
from crash import POINTS
from deliveries import AUTUMN, SCHOOL, Outcome, deliver, hashes, land_all, new_home, vision, vision_row

from orchestration.config import Home
from orchestration.ledger import Ledger
from orchestration.ledger.tables import BASE, LANDED, table_faults

CRASH = Path(__file__).parents[1] / "crash.py"
PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"


def filled(root: Path) -> Home:
    home = new_home(root)
    for i in range(4):
        deliver(
            home,
            f"{PLACE}/{i}.csv",
            vision(vision_row(i), vision_row(i + 10, "8.8"), vision_row(i + 20, day="2024-12-01")),
        )
    deliver(home, f"{SCHOOL}/spring.csv", vision(vision_row(1, day="2025-03-15")), sidecar={"version": 1})
    deliver(home, f"{PLACE}/again.csv", vision(vision_row(0), vision_row(10, "8.8"), vision_row(20, day="2024-12-01")))
    deliver(home, "letter.csv", b"x\n")
    return home


def state(home: Home) -> dict[str, object]:
    ledger = Ledger(home.ledger_path)
    events = [(e.kind, {k: v for k, v in e.body.items() if k not in ("source", "sidecar")}) for e in ledger.events()]
    assert ledger.check() == []
    return {
        "base": hashes(home.base), "landed": hashes(home.landed), "inbox": hashes(home.inbox), "archive": sorted(n for n in hashes(home.archive)),
        "received": [b for k, b in events if k == "received"], "landed events": [b for k, b in events if k == "landed"],
        "waves": [b for k, b in events if k == "wave"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    """A home per point, its landing killed there."""
    root = tmp_path_factory.mktemp("crash")
    homes = {point: filled(root / str(i)) for i, point in enumerate(POINTS)}
    jobs = [f"{home.root}::{point}" for point, home in homes.items()]
    homes["orphans"] = filled(root / "orphans")
    jobs.append(f"{homes['orphans'].root}::after the landed files, before the ledger")
    subprocess.run([sys.executable, str(CRASH), *jobs], check=True, timeout=300)
    return homes


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home = filled(tmp_path_factory.mktemp("crash") / "home")
    once(home)
    return state(home)


def once(home: Home) -> Outcome:
    from orchestration.ingest import land

    kept, land.WAVE_FILES = land.WAVE_FILES, 3
    try:
        return land_all(home)
    finally:
        land.WAVE_FILES = kept


@pytest.mark.parametrize("point", list(POINTS))
def test_one_more_landing_ends_where_an_unharmed_one_does(
    killed: dict[str, Home], unharmed: dict[str, object], point: str
) -> None:
    home = killed[point]
    once(home)
    ended = state(home)
    assert table_faults(home, LANDED, BASE) == []
    for part, expected in unharmed.items():
        assert ended[part] == expected, part
    assert once(home).summary.touched == []


def test_landed_files_of_a_wave_nobody_knows_are_removed(killed: dict[str, Home]) -> None:
    home = killed["orphans"]
    orphans = set(hashes(home.landed))
    assert orphans
    deliver(home, f"vision_check/{SCHOOL}/{AUTUMN}/0.csv", vision(vision_row(77)))
    out = land_all(home)  # other waves than those that were cut off
    known = {
        str(f)
        for e in Ledger(home.ledger_path).events("wave")
        for f in [*(i["file"] for i in e.body["files"]), e.body["rejected"]]
    }
    assert set(hashes(home.landed)) == known
    assert not orphans & known
    assert out.base("vision_check").height == out.parts["rows_accepted"].sum()

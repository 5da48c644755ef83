"""The whole way of the data on one small simulated region: figures equal the truth, nothing is lost, nothing changes without cause."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from integration.spine_world import AS_OF, MARTS_ONLY, THREADS, World, first_run, hashes, junheng, marts, started_anew

from orchestration.config import Home
from orchestration.ingest.claim import delivered_name
from orchestration.ledger import Ledger
from orchestration.simulate import simulate

FIGURE = ["indicator", "period", "level", "entity", "stage", "subgroup"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The home after its first run."""
    return first_run(tmp_path_factory)


def delivered_names(home: Home) -> dict[str, str]:
    return {
        e.body["delivery_id"]: delivered_name(home.archive, e.body["sha256"], e.body["delivery_id"])
        for e in Ledger(home.ledger_path).events("received")
    }


def test_the_run_says_what_the_interface_promises(world: World) -> None:
    assert set(world.run) == {"data_version", "parts", "rows", "verdict", "preview"}
    assert world.run["verdict"] == "passed"
    assert (Path(world.run["preview"]) / "index.html").exists()


def test_figures_equal_the_truth(world: World) -> None:
    truth = pl.read_csv(
        world.truth / "figures.csv",
        schema_overrides={"entity": pl.String, "numerator": pl.Int64, "denominator": pl.Int64},
    )
    ours = pl.read_parquet(marts(world.home) / "indicator_values.parquet").select(*FIGURE, "numerator", "denominator")
    # Documents, surveys and what one figure says of two others have no simulated truth; every other figure must be in both.
    ours = ours.filter(pl.col("indicator").is_in(truth["indicator"].unique().implode()))
    assert truth["indicator"].n_unique() >= 74
    both = truth.join(ours, on=FIGURE, how="full", suffix="_ours", coalesce=True)
    wrong = both.filter(
        ~pl.col("numerator").eq_missing(pl.col("numerator_ours"))
        | ~pl.col("denominator").eq_missing(pl.col("denominator_ours"))
    )
    assert truth.height > 1_000
    assert wrong.height == 0, wrong.head(20)


def test_exactly_the_rows_that_must_be_rejected_are(world: World) -> None:
    # Sheets and members go by masked names in the marts, so rows are counted by file, row, rule and column.
    told = ["path", "row_number", "rule", "column_name"]
    truth = pl.read_csv(world.truth / "rejects.csv", schema_overrides={"row_number": pl.Int32}).group_by(told).len()
    names = delivered_names(world.home)
    ours = pl.read_parquet(marts(world.home) / "rejected_rows.parquet").filter(pl.col("row_number").is_not_null())
    ours = ours.with_columns(pl.col("delivery_id").replace_strict(names, return_dtype=pl.String).alias("path"))
    both = truth.join(ours.group_by(told).len(), on=told, how="full", suffix="_ours", coalesce=True)
    wrong = both.filter(~pl.col("len").eq_missing(pl.col("len_ours")))
    assert truth["len"].sum() > 100
    assert wrong.height == 0, wrong.head(20)


def test_every_rejected_row_is_in_a_feedback_workbook(world: World) -> None:
    import openpyxl

    rejected = pl.read_parquet(marts(world.home) / "rejected_rows.parquet").filter(pl.col("row_number").is_not_null())
    for delivery, count in rejected.group_by("delivery_id").len().sort("delivery_id").head(25).iter_rows():
        (workbook,) = (world.home.feedback / delivery).rglob("*_退回*.xlsx")
        rows = 0
        for sheet in openpyxl.load_workbook(workbook, read_only=True):
            for cells in sheet.iter_rows(values_only=True):
                rows += bool(cells and str(cells[-1] or "").startswith("原第"))
        assert rows == count


def test_nothing_is_lost(world: World) -> None:
    status = json.loads(junheng(world.home.root, "status").stdout)
    total = status["conservation"]
    assert total["holds"] is True
    assert total["landed"] == len(list((world.region / "inbox").rglob("*.*"))) - len(
        list((world.region / "inbox").rglob("*.meta.json"))
    )
    parts = pl.read_parquet(marts(world.home) / "delivery_parts.parquet")
    assert (
        parts.filter(
            pl.col("rows_read") != pl.col("rows_accepted") + pl.col("rows_rejected") + pl.col("rows_not_data")
        ).height
        == 0
    )


def test_a_second_run_changes_no_byte(world: World) -> None:
    home = world.home
    written = (home.marts, home.preview, home.base, home.feedback)
    before, ledger = [hashes(folder) for folder in written], Ledger(home.ledger_path).head()
    result = json.loads(junheng(home.root, "run", "--settle", "0").stdout)
    assert result["data_version"] == world.run["data_version"]
    assert [hashes(folder) for folder in written] == before
    assert Ledger(home.ledger_path).head() == ledger


def test_rebuild_and_another_clock_zone_and_thread_count_give_the_same_hashes(world: World, tmp_path: Path) -> None:
    copy = world.copy(tmp_path / "home")
    before = (hashes(marts(copy)), hashes(copy.base), hashes(copy.records))
    other = {"TZ": "America/Los_Angeles", "LC_ALL": "C", "POLARS_MAX_THREADS": "1", **dict.fromkeys(THREADS, "1")}
    result = started_anew(copy.root, "rebuild", **other)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["data_version"] == world.run["data_version"]
    after = (hashes(marts(copy)), hashes(copy.base), hashes(copy.records))
    drop = {"verdict.json"}
    assert [{k: v for k, v in a.items() if k not in drop} for a in after] == [
        {k: v for k, v in b.items() if k not in drop} for b in before
    ]


def test_the_order_of_arrival_changes_nothing(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    files = sorted(p for p in (world.region / "inbox").rglob("*") if p.is_file() and not p.name.endswith(".meta.json"))
    half = set(files[::2])
    for batch in (sorted(half), sorted(set(files) - half)):
        for path in batch:
            for source in (path, path.with_name(path.name + ".meta.json")):
                if source.exists():
                    target = home.inbox / source.relative_to(world.region / "inbox")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(source, target)
        assert junheng(home.root, "land", "--settle", "0").returncode == 0
    key = world.home.keys / "pseudonym.key"
    assert (
        home.keys / "pseudonym.key"
    ).read_text() != key.read_text()  # another installation, another key, the same figures
    built = junheng(home.root, "build", before=MARTS_ONLY)
    assert built.returncode == 0, built.stderr
    ours, theirs = marts(home), marts(world.home)
    for table in sorted(theirs.glob("*.parquet")):
        first, second = pl.read_parquet(ours / table.name), pl.read_parquet(table)
        if table.stem == "delivery_parts":  # of two names for the same bytes, the one that came first is kept
            first, second = first.drop("file_name"), second.drop("file_name")
        assert first.equals(second), table.stem


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    from orchestration.lock import writer_lock

    with writer_lock(Home(tmp_path).create()):
        busy = junheng(tmp_path, "run", "--settle", "0")
        assert busy.returncode == 4
        assert "--wait" in busy.stderr


def test_today_is_read_at_the_command_line_only(world: World) -> None:
    entries = Ledger(world.home.ledger_path).events("received")
    assert {e.body["as_of"] for e in entries} == {AS_OF}
    assert dt.date.fromisoformat(AS_OF) < dt.date.today()


FAMILIES = {
    "vision": (r"^(poor_vision|screening_myopia|vision_two)", 4),
    "exam": (r"^(exam_|health_file)", 3),
    "fitness": (r"^fitness_", 3),
    "films": (r"^films", 2),
    "food": (r"^(canteens|inspection_(key|frequency|finding|repeat))", 3),
    "kitchen": (r"^kitchen_", 2),
    "forms": (r"^(L[1-7]|G\d+|Q\d|health_staff|health_room|school_doctor|spending_per_pupil)$", 3),
}


@pytest.fixture(scope="module")
def traced(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Any]]:
    """Twenty figures drawn by a seed, of every kind: what was published, and what a naive count of the traced originals gives."""
    import random

    import proof

    from orchestration.trail import trace

    folder = tmp_path_factory.mktemp("proof")
    simulate(folder / "clean", pupils=400, years=2, mess=0, fmt="csv", counties=2, seed=7)
    reader = proof.Reader(folder / "clean")
    known = pl.read_csv(world.truth / "figures.csv")["indicator"].unique().implode()
    values = pl.read_parquet(marts(world.home) / "indicator_values.parquet").filter(
        pl.col("indicator").is_in(known) & (pl.col("level") != "city") & (pl.col("denominator") > 0)
    )
    found: dict[str, tuple[Any, Any]] = {}
    for name, (pattern, wanted) in FAMILIES.items():
        # figures of a county rest on so many sheets that the strict reader rarely knows them all: pupils are counted by school
        levels = ["school"] if name in ("vision", "exam", "fitness", "films") else ["school", "county"]
        of_kind = values.filter(pl.col("indicator").str.contains(pattern) & pl.col("level").is_in(levels))
        ids = of_kind["figure_id"].to_list()
        random.Random(11).shuffle(ids)
        done = 0
        for number, figure in enumerate(ids[:40]):
            walk = trace(world.home, figure, as_of=dt.date.fromisoformat(AS_OF))
            try:
                counted = proof.recount(world.home.archive, reader, walk, folder / f"{name}{number}")
            except proof.Unreadable:
                continue
            found[figure] = ((walk["figure"]["numerator"], walk["figure"]["denominator"]), counted)
            done += 1
            if done == wanted:
                break
    return found


def test_twenty_figures_are_counted_again_from_the_rows_their_trace_names(traced: dict[str, tuple[Any, Any]]) -> None:
    assert len(traced) == 20
    assert len({figure.partition(".")[0] for figure in traced}) >= 12
    wrong = {figure: both for figure, both in traced.items() if both[0] != both[1]}
    assert wrong == {}

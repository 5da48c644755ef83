"""The graph as a whole: it loads, and an accidental change of keys, jobs, sensors or schedules shows as a difference in a file."""

import os
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from orchestration.config import Home
from orchestration.definitions import build_defs
from orchestration.partitions import partitions_of, school_years, semesters
from orchestration.warehouse.fingerprints import FEEDS

GRAPH = Path(__file__).with_name("dagster_graph.txt")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(home=Home(tmp_path_factory.mktemp("graph")))


def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


def described(definitions: dg.Definitions) -> str:
    assets = graph(definitions)
    checked: dict[dg.AssetKey, int] = {}
    for check in assets.asset_check_keys:
        checked[check.asset_key] = checked.get(check.asset_key, 0) + 1
    repository = definitions.get_repository_def()
    lines = ["# assets: key, group, partitions, checks"]
    for key in sorted(assets.get_all_asset_keys()):
        node = assets.get(key)
        cut = {None: "-", semesters(): "semester", school_years(): "year"}[node.partitions_def]
        lines.append(f"{key.to_user_string()} {node.group_name} {cut} {checked.get(key, 0)}")
    lines += ["# jobs", *sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__"))]
    lines += [
        "# schedules",
        *(f"{s.name} {s.cron_schedule}" for s in sorted(repository.schedule_defs, key=lambda s: s.name)),
    ]
    lines += ["# sensors", *sorted(sensor.name for sensor in repository.sensor_defs)]
    return "\n".join(lines) + "\n"


def test_the_graph_is_the_one_on_record(definitions: dg.Definitions) -> None:
    """After a change that is meant: JUNHENG_UPDATE_SNAPSHOT=1 pytest tests/unit/test_dagster_definitions.py."""
    found = described(definitions)
    if os.environ.get("JUNHENG_UPDATE_SNAPSHOT"):
        GRAPH.write_text(found, encoding="utf-8")
    assert found == GRAPH.read_text(encoding="utf-8")


def test_everything_in_it_can_be_loaded(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_nothing_runs_unless_somebody_switches_it_on(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {s.default_status for s in repository.sensor_defs} == {dg.DefaultSensorStatus.STOPPED}
    assert {s.default_status for s in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}


def test_the_line_from_a_delivery_to_a_release_is_unbroken(definitions: dg.Definitions) -> None:
    assets = graph(definitions)
    found, seen = {dg.AssetKey("release")}, set[dg.AssetKey]()
    while found:
        key = found.pop()
        seen.add(key)
        found |= assets.get(key).parent_keys - seen
    assert dg.AssetKey(["raw", "deliveries"]) in seen
    assert {dg.AssetKey(["base", feed]) for feed in FEEDS} <= seen
    assert dg.AssetKey(["marts", "indicator_values"]) in seen


def test_no_asset_but_the_declared_ones_is_without_a_maker(definitions: dg.Definitions) -> None:
    """A dbt source that is no base asset would stand alone in the graph."""
    assets = graph(definitions)
    loose = {key for key in assets.get_all_asset_keys() if not assets.get(key).is_materializable}
    named = {dg.AssetKey(["base", table]) for table in ("parts", "rejected", "scopes", "fingerprints")}
    assert loose <= {dg.AssetKey(["raw", "deliveries"])} | named


def test_without_dbt_the_graph_is_light_and_cannot_build(tmp_path: Path) -> None:
    light = build_defs(home=Home(tmp_path), dbt=False)
    names = {job.name for job in light.get_repository_def().get_all_jobs()}
    assert {"land", "refresh", "check", "publish", "overdue"} <= names
    assert "build" not in names


def test_no_asset_carries_more_checks_than_the_interface_shows_well(definitions: dg.Definitions) -> None:
    light = [key.asset_key for key in graph(definitions).asset_check_keys]
    assert max(light.count(key) for key in set(light)) <= 80


def test_feeds_are_cut_by_semester_or_year() -> None:
    assert "2024-2025-1" in partitions_of("vision_check").get_partition_keys()
    assert "2024-2025" in partitions_of("fitness_test").get_partition_keys()
    with pytest.raises(KeyError):
        partitions_of("grades")

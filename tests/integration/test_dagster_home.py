"""The jobs over a tiny real home: what `junheng run` executes, what the interface shows of it, and what it refuses."""

import datetime as dt
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event
from pathlib import Path

import dagster as dg
import pytest
from deliveries import SCHOOL, deliver, hashes, new_home, reading_inline, resident_number, vision, vision_row, xjh

from expectations.verdict import GateRefused, path_of
from orchestration.assets.guard import StepFailed
from orchestration.checks import gate_checks
from orchestration.config import ConfigError, Home
from orchestration.definitions import build_defs
from orchestration.jobs import RunOutcome, execute_publish, execute_run
from orchestration.ledger import Ledger
from orchestration.lock import LockBusy, writer_lock
from orchestration.runs import PROCESS_TAG
from orchestration.steps import Settings, built_version
from orchestration.warehouse import DbtFailed

AS_OF = dt.date(2025, 9, 30)
YEAR, AUTUMN, SPRING = "2024-2025", "2024-2025-1", "2024-2025-2"
PUPILS = range(40)
REGISTER = [
    [
        "学年",
        "学校标识码",
        "学校名称",
        "区县代码",
        "区县名称",
        "办学类型码",
        "城乡分类代码",
        "是否寄宿制",
        "食堂数",
        "快照日期",
    ],
    f"{YEAR},{SCHOOL},虚构一小,411302,宛城区,211,111,否,1,2024-09-20".split(","),
]
ROSTER = (
    "学年,学期,学校标识码,学籍号,身份证号,学号,姓名,性别,出生日期,年级编号,班级编号,班级名称,学籍状态,入校日期,快照日期"
)
# An invented name that stands in every feed of pupils and may show nowhere outside raw/ and the keys.
NAME = "欧阳测试"


def quiet(_: str) -> None:
    return None


def roster(semester: str) -> list[list[str]]:
    rows = [
        f"{YEAR},{semester},{SCHOOL},{xjh(i)},,{i},{NAME},{'男女'[i % 2]},2015-03-12,13,1,1班,在读,2022-09-01,2024-09-20"
        for i in PUPILS
    ]
    return [line.split(",") for line in [ROSTER, *rows]]


def drop_all(home: Home) -> None:
    deliver(home, "school_register/学校名册.csv", REGISTER)
    for semester, period in (("1", AUTUMN), ("2", SPRING)):
        deliver(home, f"student_roster/{SCHOOL}/{period}/{NAME}.csv", roster(semester))
    rows = [vision_row(i, "4.8" if i % 3 else "5.0", 姓名=NAME) for i in PUPILS]
    bad = vision_row(99, "77", 姓名=NAME)
    deliver(home, f"vision_check/{SCHOOL}/{AUTUMN}/视力.csv", vision(*rows, bad))


@dataclass(frozen=True)
class World:
    """A home after its first run."""

    settings: Settings
    outcome: RunOutcome

    @property
    def home(self) -> Home:
        return self.settings.home

    @property
    def version(self) -> str:
        return built_version(self.home)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = Settings(new_home(tmp_path_factory.mktemp("dagster") / "home"), AS_OF, settle=0.0)
    drop_all(settings.home)
    with reading_inline():
        yield World(settings, execute_run(settings, 0.0, quiet))


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(new_home(tmp_path / "home"), AS_OF, settle=0.0)


def instance_of(home: Home) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(home.dagster))


def materialise(
    home: Home, instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str, patience: float = 0.0
) -> dg.ExecuteInProcessResult:
    """What the interface does when somebody picks one asset."""
    definitions = build_defs(home=home, as_of=AS_OF, patience=patience, dbt=False)
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=[asset], partition_key=partition)


def test_a_run_ends_in_a_preview(world: World) -> None:
    outcome = world.outcome
    assert outcome.land.rows == {"read": 122, "accepted": 121, "rejected": 1, "not_data": 0}
    assert outcome.data_version == world.version
    assert outcome.verdict in ("passed", "failed")
    assert (outcome.preview / "index.html").exists()


def test_the_interface_shows_what_was_made(world: World) -> None:
    with instance_of(world.home) as instance:
        assert {run.job_name for run in instance.get_runs()} >= {"land", "build"}
        assert all(run.status == dg.DagsterRunStatus.SUCCESS for run in instance.get_runs())
        for feed, periods in {
            "vision_check": {AUTUMN},
            "student_roster": {AUTUMN, SPRING},
            "school_register": {YEAR},
        }.items():
            assert instance.get_materialized_partitions(dg.AssetKey(["base", feed])) == periods
        event = instance.get_latest_materialization_event(dg.AssetKey(["base", "vision_check"]))
        assert event is not None
        assert event.asset_materialization is not None
        shown = {name: value.value for name, value in event.asset_materialization.metadata.items()}
        assert shown["dagster/partition_row_count"] == 40
        assert shown["rejected"] == 1
        assert shown["files"] == 1
        assert shown["path"] == f"warehouse/base/vision_check/{AUTUMN}.parquet"
        assert {"seconds", "data_version"} <= shown.keys()
        for key in (["marts"], ["marts", "indicator_values"], ["controlled"], ["feedback"], ["verdict"], ["preview"]):
            assert instance.get_latest_materialization_event(dg.AssetKey(key)) is not None, key


def test_every_check_of_the_gate_is_shown_on_what_it_judged(world: World) -> None:
    from expectations.gate import load_verdict

    passed: dict[str, bool] = {}
    for result in load_verdict(world.home, world.version).results:
        passed[result.check] = passed.get(result.check, True) and result.result == "passed"
    gate = gate_checks()
    with instance_of(world.home) as instance:
        history = instance.event_log_storage
        for key in gate.check_keys:
            (record,) = history.get_asset_check_execution_history(key, limit=1)
            assert (record.status.value == "SUCCEEDED") == passed.get(key.name.replace("__", "."), False), key
    assert dg.AssetKey(["base", "vision_check"]) in {key.asset_key for key in gate.check_keys}


def test_a_second_run_is_quick_and_changes_nothing(world: World) -> None:
    folders = (world.home.marts, world.home.base, world.home.preview, world.home.feedback)
    before = [hashes(folder) for folder in folders]
    head = Ledger(world.home.ledger_path).head()
    started = time.process_time()
    again = execute_run(world.settings, 0.0, quiet)
    assert time.process_time() - started < 6
    assert [hashes(folder) for folder in folders] == before
    assert Ledger(world.home.ledger_path).head() == head
    assert (again.data_version, again.verdict) == (world.outcome.data_version, world.outcome.verdict)
    with instance_of(world.home) as instance:
        assert [run.job_name for run in instance.get_runs(limit=2)] == ["refresh", "land"]


def test_runs_that_did_nothing_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.runs.KEPT", 1)
    for _ in range(2):
        execute_run(world.settings, 0.0, quiet)
    with instance_of(world.home) as instance:
        jobs = [run.job_name for run in instance.get_runs()]
        assert jobs.count("refresh") == 1
        assert jobs.count("land") == 2
        assert "build" in jobs
        assert instance.get_materialized_partitions(dg.AssetKey(["base", "vision_check"])) == {AUTUMN}
        assert instance.get_latest_materialization_event(dg.AssetKey(["preview"])) is not None


def test_asking_for_the_marts_alone_builds_what_changed_and_no_more(world: World) -> None:
    definitions = build_defs(home=world.home, as_of=AS_OF, patience=0.0)
    job = definitions.resolve_implicit_global_asset_job_def()
    with instance_of(world.home) as instance:
        result = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["marts"])])
        (made,) = result.get_asset_materialization_events()
    assert made.materialization.metadata["skipped"].value is True
    assert made.materialization.metadata["data_version"].value == world.version


def test_merging_a_partition_again_gives_the_same_bytes(world: World) -> None:
    path = world.home.base / "vision_check" / f"{AUTUMN}.parquet"
    before = path.read_bytes()
    path.unlink()
    with instance_of(world.home) as instance:
        assert materialise(world.home, instance, dg.AssetKey(["base", "vision_check"]), AUTUMN).success
    assert path.read_bytes() == before


def test_a_period_without_deliveries_is_no_failure(world: World) -> None:
    with instance_of(world.home) as instance:
        result = materialise(world.home, instance, dg.AssetKey(["base", "vision_check"]), SPRING)
        assert result.success
        (event,) = result.asset_materializations_for_node("base__vision_check")
        assert event.metadata["dagster/partition_row_count"].value == 0
    assert not (world.home.base / "vision_check" / f"{SPRING}.parquet").exists()


def test_publication_is_refused_without_a_verdict_however_it_is_started(world: World) -> None:
    path = path_of(world.home, world.version)
    kept = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(GateRefused):
            execute_publish(world.settings, YEAR, None, 0.0)
        with instance_of(world.home) as instance, pytest.raises(GateRefused):
            materialise(world.home, instance, dg.AssetKey(["release"]), YEAR)
        path.write_bytes(kept.replace(b'"failed"', b'"passed"') + b" ")
        with instance_of(world.home) as instance, pytest.raises(GateRefused):
            materialise(world.home, instance, dg.AssetKey(["release"]), YEAR)
    finally:
        path.write_bytes(kept)
    assert not (world.home.site / YEAR).exists()


def test_publication_with_nothing_built_is_refused(empty: Settings) -> None:
    with pytest.raises(GateRefused):
        execute_publish(empty, YEAR, None, 0.0)
    with pytest.raises(ConfigError):
        execute_publish(empty, "2024", None, 0.0)


def test_no_name_of_a_pupil_is_in_what_dagster_keeps(world: World) -> None:
    for path in world.home.dagster.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert NAME.encode() not in content, path
            assert xjh(1).encode() not in content, path
            assert resident_number(1).encode() not in content, path


def test_the_text_of_an_unforeseen_failure_is_not_kept(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"could not parse {NAME}") from error

    monkeypatch.setattr("orchestration.steps.land_step", fail)
    with pytest.raises(StepFailed, match="ValueError") as caught:
        execute_run(empty, 0.0, quiet)
    assert NAME not in str(caught.value)
    assert any(NAME.encode() in p.read_bytes() for p in empty.home.dagster.rglob("*") if p.is_file()) is False
    with instance_of(empty.home) as instance:
        assert instance.get_runs(limit=1)[0].status == dg.DagsterRunStatus.FAILURE


def test_a_failed_build_is_told_as_it_is_and_exports_nothing(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DbtFailed("建仓失败：1 个节点出错（ind_poor_vision）")

    monkeypatch.setattr("orchestration.warehouse.builder.run_dbt", fail)
    with pytest.raises(DbtFailed, match="ind_poor_vision"):
        execute_run(empty, 0.0, quiet)
    assert not empty.home.current.exists()
    with instance_of(empty.home) as instance:
        assert instance.get_latest_materialization_event(dg.AssetKey(["marts"])) is None


def _hold(root: Path, ready: Event, done: Event) -> None:
    with writer_lock(Home(root)):
        ready.set()
        done.wait(60)


def test_one_writer_at_a_time(empty: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(empty.home.root, ready, done))
    holder.start()
    try:
        assert ready.wait(60)
        with pytest.raises(LockBusy):
            execute_run(empty, 0.0, quiet)
        empty.home.dagster.mkdir(parents=True, exist_ok=True)
        with dg.DagsterInstance.ephemeral() as instance, pytest.raises(Exception, match=r"holds the lock|resource"):
            materialise(empty.home, instance, dg.AssetKey(["base", "vision_check"]), AUTUMN, patience=0.1)
    finally:
        done.set()
        holder.join(60)


def test_runs_of_a_killed_process_are_buried_by_the_next_one(world: World) -> None:
    from dagster._core.test_utils import create_run_for_test

    with instance_of(world.home) as instance:
        dead = create_run_for_test(
            instance, job_name="land", status=dg.DagsterRunStatus.STARTED, tags={PROCESS_TAG: "command"}
        )
        execute_run(world.settings, 0.0, quiet)
        run = instance.get_run_by_id(dead.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE


def test_overdue_feeds_are_named(world: World) -> None:
    definitions = build_defs(home=world.home, as_of=AS_OF, dbt=False)
    with instance_of(world.home) as instance:
        result = definitions.resolve_job_def("overdue").execute_in_process(instance=instance)
        seen = {
            (
                e.event_specific_data.asset_observation.asset_key.path[-1],
                e.event_specific_data.asset_observation.partition,
            )
            for e in result.all_events
            if e.event_type_value == "ASSET_OBSERVATION"
        }
    assert ("vision_check", SPRING) in seen
    assert ("vision_check", AUTUMN) not in seen


def test_as_of_is_the_day_the_run_was_asked_for_unless_it_is_given(world: World) -> None:
    definitions = build_defs(home=world.home, dbt=False)
    days: list[dt.date] = []

    @dg.op
    def tell(context: dg.OpExecutionContext) -> None:
        from orchestration.resources import House

        house = House(root=str(world.home.root))
        days.append(house.settings(context).as_of)
        days.append(replace(house.settings(context, "2025-01-02")).as_of)

    @dg.job
    def asking() -> None:
        tell()

    del definitions
    with dg.DagsterInstance.ephemeral() as instance:
        result = asking.execute_in_process(instance=instance)
        record = instance.get_run_record_by_id(result.run_id)
    assert record is not None
    assert days == [record.create_timestamp.astimezone().date(), dt.date(2025, 1, 2)]

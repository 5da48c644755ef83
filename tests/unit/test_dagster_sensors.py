"""What starts runs: the inbox sensor, the build that follows a landing, the schedules and what is overdue."""

import datetime as dt
import os
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from orchestration.config import Home
from orchestration.jobs import CHANGED_TAG, LAND, asset_jobs
from orchestration.lock import writer_lock
from orchestration.overdue import overdue
from orchestration.resources import House
from orchestration.runs import COMMAND, PROCESS_TAG
from orchestration.schedules import overdue_feeds, yearly_publication
from orchestration.sensors import ATTEMPTS, build_sensor, inbox_sensor, list_inbox

Answer = dg.SensorResult | dg.SkipReason


def house(home: Home) -> House:
    return House(root=str(home.root))


def tick(home: Home, instance: dg.DagsterInstance, cursor: str | None = None) -> Answer:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"house": house(home)})
    answer = inbox_sensor(context)
    assert isinstance(answer, dg.SensorResult | dg.SkipReason)
    return answer


def asked(answer: Answer) -> str:
    assert isinstance(answer, dg.SensorResult)
    assert len(answer.run_requests or []) == 1
    assert answer.cursor is not None
    return answer.cursor


def landed(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
    return create_run_for_test(instance, job_name=LAND, status=status, tags=tags)


def drop(home: Home, name: str, content: bytes = b"x") -> Path:
    path = home.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_one_run_for_five_thousand_files_in_a_blink(home: Home) -> None:
    for i in range(5_000):
        drop(home, f"{i % 50}/{i}.csv")
    # Whatever the ledger holds, it is not opened: a folder in its place would break any reader.
    home.ledger_path.mkdir(parents=True)
    with dg.DagsterInstance.ephemeral() as instance:
        started = time.process_time()
        cursor = asked(tick(home, instance))
        assert time.process_time() - started < 2
        landed(instance, dg.DagsterRunStatus.SUCCESS)
        assert isinstance(tick(home, instance, cursor), dg.SkipReason)


def test_an_empty_inbox_and_files_that_are_not_ready_ask_for_nothing(home: Home) -> None:
    drop(home, "half.csv.part")
    drop(home, "~$open.xlsx")
    drop(home, ".hidden")
    drop(home, ".folder/a.csv")
    os.mkfifo(home.inbox / "pipe.csv")
    (home.inbox / "link.csv").symlink_to("/etc/passwd")
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(tick(home, instance), dg.SkipReason)


def test_a_changed_file_asks_again(home: Home) -> None:
    drop(home, "left.csv")
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = asked(tick(home, instance))
        landed(instance, dg.DagsterRunStatus.SUCCESS)
        drop(home, "left.csv", b"longer")
        assert asked(tick(home, instance, cursor)) != cursor


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_a_landing_under_way_is_waited_for(home: Home, status: dg.DagsterRunStatus) -> None:
    drop(home, "a.csv")
    with dg.DagsterInstance.ephemeral() as instance:
        landed(instance, status)
        assert isinstance(tick(home, instance), dg.SkipReason)


def test_a_landing_that_fails_is_asked_for_again_but_not_for_ever(home: Home) -> None:
    drop(home, "a.csv")
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = asked(tick(home, instance))
        for _ in range(ATTEMPTS - 1):
            landed(instance, dg.DagsterRunStatus.FAILURE)
            cursor = asked(tick(home, instance, cursor))
        landed(instance, dg.DagsterRunStatus.FAILURE)
        assert isinstance(tick(home, instance, cursor), dg.SkipReason)
        drop(home, "b.csv")
        asked(tick(home, instance, cursor))


def test_a_landing_that_died_after_claiming_everything_is_taken_up(home: Home) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        landed(instance, dg.DagsterRunStatus.FAILURE)
        asked(tick(home, instance))


def test_a_killed_command_does_not_hold_the_queue(home: Home) -> None:
    drop(home, "a.csv")
    with dg.DagsterInstance.ephemeral() as instance:
        dead = landed(instance, dg.DagsterRunStatus.STARTED, **{PROCESS_TAG: COMMAND})
        with writer_lock(home):
            assert isinstance(tick(home, instance), dg.SkipReason)
        asked(tick(home, instance))
        run = instance.get_run_by_id(dead.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE


def test_the_listing_is_bounded(home: Home) -> None:
    for i in range(30):
        drop(home, f"{i}.csv")
    assert list_inbox(home.inbox, most=10).files == 10
    assert list_inbox(home.root / "nowhere").files == 0


@pytest.mark.parametrize(
    ("tags", "builds"),
    [
        ({CHANGED_TAG: "yes"}, True),
        ({CHANGED_TAG: "no"}, False),
        ({}, False),
        ({CHANGED_TAG: "yes", PROCESS_TAG: COMMAND}, False),
    ],
)
def test_a_build_follows_a_landing_that_changed_something(tags: dict[str, str], builds: bool) -> None:
    from orchestration.checks import gate_checks

    sensor = build_sensor(asset_jobs(gate_checks(), None)[0])
    with dg.DagsterInstance.ephemeral() as instance:
        run = landed(instance, dg.DagsterRunStatus.SUCCESS, **tags)
        event = dg.DagsterEvent("PIPELINE_SUCCESS", LAND)
        context = dg.build_run_status_sensor_context("build_after_land", event, instance, run)
        answer = sensor(context)
        assert isinstance(answer, dg.RunRequest if builds else dg.SkipReason)


def test_publication_is_of_the_year_that_ended_and_as_of_the_tick(home: Home) -> None:
    time_of_tick = dt.datetime(2025, 9, 20, 8, tzinfo=dt.UTC)
    context = dg.build_schedule_context(scheduled_execution_time=time_of_tick, resources={"house": house(home)})
    answer = yearly_publication(context)
    assert isinstance(answer, dg.RunRequest)
    assert answer.partition_key == "2024-2025"
    assert answer.run_config["ops"]["release"]["config"] == {"as_of": "2025-09-20"}


def test_a_released_year_is_left_to_people(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.schedules.releases", lambda _: [{"year": "2024-2025"}])
    time_of_tick = dt.datetime(2025, 9, 20, 8, tzinfo=dt.UTC)
    context = dg.build_schedule_context(scheduled_execution_time=time_of_tick, resources={"house": house(home)})
    assert isinstance(yearly_publication(context), dg.SkipReason)


def test_overdue_is_judged_as_of_the_tick() -> None:
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(2025, 4, 1, 7, 30, tzinfo=dt.UTC))
    answer = overdue_feeds(context)
    assert isinstance(answer, dg.RunRequest)
    assert answer.run_config == {"ops": {"warn_of_overdue": {"config": {"as_of": "2025-04-01"}}}}


def test_what_is_overdue(home: Home) -> None:
    assert overdue(home, dt.date(2025, 2, 10)) == []
    path = home.base / "student_roster" / "2024-2025-1.parquet"
    path.parent.mkdir(parents=True)
    path.touch()
    late = {(o.feed, o.period) for o in overdue(home, dt.date(2025, 2, 10))}
    assert late == {
        ("school_register", "2024-2025"),
        ("class_roster", "2024-2025-1"),
        ("vision_check", "2024-2025-1"),
        ("film_screening", "2024-2025-1"),
    }
    assert ("fitness_test", "2024-2025") in {(o.feed, o.period) for o in overdue(home, dt.date(2025, 9, 1))}

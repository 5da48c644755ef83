"""Runs in this process: the same jobs the interface launches, recorded in the same instance, without a daemon.

Here belongs how a job is executed from the command line; what the jobs are is in `jobs`.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy

from orchestration.config import Home, silence_telemetry
from orchestration.lock import LockBusy, writer_lock
from orchestration.resources import Session, session
from orchestration.steps import Progress, Settings, dagster_environment

# A run of this tag was executed by the process that asked for it, under the writer's lock.
PROCESS_TAG, COMMAND = "junheng/process", "command"
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# Runs without a change that are kept.
KEPT = 50


class Runner:
    """Executes jobs one after the other under one lock."""

    def __init__(self, instance: dg.DagsterInstance, opened: Session, define: Callable[[bool], dg.Definitions]) -> None:
        self._instance = instance
        self._opened = opened
        self._define = define

    def execute(
        self,
        job: str,
        *,
        dbt: bool = False,
        partition: str | None = None,
        config: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Runs a job and returns what its steps handed back.

        Args:
            job: name of the job.
            dbt: whether it needs dbt's graph, which takes seconds to load.
            partition: partition key.
            config: configuration of its ops.

        Raises:
            Exception: what the step raised, as it raised it.
        """
        definition = self._define(dbt).resolve_job_def(job)
        run_config: dict[str, Any] = {
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": config or {},
        }
        try:
            definition.execute_in_process(
                run_config=run_config, instance=self._instance, partition_key=partition, tags={PROCESS_TAG: COMMAND}
            )
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            raise _origin(error) from None
        return self._opened.results

    def forget(self, job: str, **tags: str) -> None:
        """Removes old runs of a job that did nothing: a command that cron calls every few minutes would fill the database with them."""
        wanted = dg.RunsFilter(
            job_name=job, tags={PROCESS_TAG: COMMAND, **tags}, statuses=[dg.DagsterRunStatus.SUCCESS]
        )
        for run in self._instance.get_runs(wanted, limit=KEPT + 20)[KEPT:]:
            self._instance.delete_run(run.run_id)


@contextmanager
def runner(
    settings: Settings, wait: float, progress: Progress, define: Callable[[bool], dg.Definitions]
) -> Iterator[Runner]:
    """Takes the lock, opens Dagster's instance of the home.

    Raises:
        LockBusy: another process writes.
    """
    home = settings.home.create()
    silence_telemetry()
    dagster_environment(home)
    with (
        session(home, wait, progress) as opened,
        _held_open(home.dagster),
        dg.DagsterInstance.from_config(str(home.dagster)) as instance,
    ):
        _bury(instance)
        yield Runner(instance, opened, define)


def bury_dead(instance: dg.DagsterInstance, home: Home) -> None:
    """Marks runs as failed whose process was killed: they would hold the queue for ever.

    Who holds the lock knows that no other command-line run is alive; who finds it taken leaves everything as it is.
    """
    if not _unfinished(instance):
        return
    try:
        with writer_lock(home):
            _bury(instance)
    except LockBusy:
        return


def _unfinished(instance: dg.DagsterInstance) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED, tags={PROCESS_TAG: COMMAND}))


def _bury(instance: dg.DagsterInstance) -> None:
    for run in _unfinished(instance):
        instance.report_run_failed(run, "The process that executed this run ended before it was done.")


def _origin(error: BaseException) -> BaseException:
    """The exception of the platform below Dagster's wrapping."""
    while isinstance(error, dg.DagsterError):
        inner = getattr(error, "user_exception", None) or error.__cause__
        if inner is None:
            return error
        error = inner
    return error


@contextmanager
def _held_open(folder: Path) -> Iterator[None]:
    """Spares SQLite a flush per event.

    Dagster opens and closes its databases again and again. The last one to close a database flushes its log, which takes seconds
    on a busy disk; so one connection is kept open meanwhile. `synchronous=normal` keeps the database whole after a power cut;
    the last events may be lost, and nothing depends on them.
    """
    spare: dict[str, sqlite3.Connection] = {}
    prefix = os.path.realpath(folder) + os.sep

    def keep(connection: Any, _: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        path = str(connection.execute("pragma database_list").fetchone()[2])
        if not os.path.realpath(path).startswith(prefix):
            return
        connection.execute("pragma synchronous=normal")
        if path not in spare:
            spare[path] = sqlite3.connect(path, check_same_thread=False)
        # Every time: a database that is being made has its log only later, and only who reads after that holds it.
        spare[path].execute("select count(*) from sqlite_master").fetchone()

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", keep)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", keep)
        for connection in spare.values():
            with closing(connection):
                pass

"""Resources: the house a run works in, and the writer's lock it works under.

Here belongs what a run is given from outside. A run started by `execute_run` and its kin shares a `Session` with the process that
started it: the progress it tells, the results it hands back, and the lock that is already held. A run started by Dagster has none.
"""

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.config import ConfigError, Home, parse_date
from orchestration.lock import writer_lock
from orchestration.steps import Progress, Settings

Context = dg.OpExecutionContext | dg.AssetExecutionContext

# A run of the interface may find the command line at work: it waits its turn.
PATIENCE = 3600.0


@dataclass
class Session:
    """What a run in this process shares with its caller, who holds the writer's lock."""

    home: Home
    progress: Progress
    results: dict[str, Any] = field(default_factory=dict)


_session: ContextVar[Session | None] = ContextVar("junheng_session", default=None)


@contextmanager
def session(home: Home, wait: float, progress: Progress) -> Iterator[Session]:
    """Takes the writer's lock for several runs of this process.

    Raises:
        LockBusy: another process holds it.
    """
    with writer_lock(home, wait):
        opened = Session(home, progress)
        token = _session.set(opened)
        try:
            yield opened
        finally:
            _session.reset(token)


def holds_lock(home: Home) -> bool:
    """Whether the process that runs this took the lock for itself."""
    current = _session.get()
    return current is not None and current.home == home


def hand_back(name: str, result: Any) -> None:
    """Gives a step's result to the process that started the run, if it is this one."""
    current = _session.get()
    if current is not None:
        current.results[name] = result


class House(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home folder and what else a run is told.

    Attributes:
        root: the home.
        as_of: ISO date; empty for the day on which the run was asked for, as Dagster recorded it.
        settle: seconds a file must not have changed before it is claimed.
        patience: seconds to wait for the writer's lock.
    """

    root: str
    as_of: str = ""
    settle: float = 2.0
    patience: float = PATIENCE

    @property
    def home(self) -> Home:
        """The installation."""
        return Home(Path(self.root))

    def settings(self, context: Context, as_of: str = "") -> Settings:
        """What the steps are called with; a schedule says itself as of when."""
        return Settings(self.home, self._day(context, as_of or self.as_of), self.settle)

    def progress(self, context: Context) -> Progress:
        """Tells the caller's terminal and Dagster's log."""
        current = _session.get()

        def tell(line: str) -> None:
            if current is not None:
                current.progress(line)
            else:
                context.log.info(line)

        return tell

    def _day(self, context: Context, as_of: str) -> dt.date:
        if as_of:
            return parse_date(as_of)
        record = context.instance.get_run_record_by_id(context.run.run_id)
        if record is None:
            raise ConfigError(
                "这次运行没有记录，无法知道以哪一天为准，请设置 JUNHENG_AS_OF。 (The run is not recorded.)"
            )
        return record.create_timestamp.astimezone().date()


class Writer(dg.ConfigurableResource[None]):
    """The writer's lock, held from the first to the last step of a run in one process; whoever writes asks for it."""

    house: dg.ResourceDependency[House]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[None, None, None]:
        """Takes the lock unless the process that started this run has it already."""
        if holds_lock(self.house.home):
            yield None
            return
        with writer_lock(self.house.home, self.house.patience):
            yield None

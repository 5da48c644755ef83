"""Where Dagster keeps its events: its own SQLite storage, with one engine for all of them.

Dagster's makes an engine for every event and so compiles every statement anew; of the few hundred events of a run that takes seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy.pool import NullPool


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's consolidated storage; a connection still lives for one event, so that nothing stays locked."""

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        patience = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        return sqlalchemy.create_engine(self._conn_string, poolclass=NullPool, connect_args=patience)

    @contextmanager
    def _connect(self) -> Iterator[Any]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

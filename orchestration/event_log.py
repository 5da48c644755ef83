"""Where Dagster keeps its events: its own SQLite storage, with one engine for all of them and connections that are used again.

Dagster's makes an engine for every event, compiles every statement anew, opens the database and closes it: of the few thousand events of a run that takes many
seconds, and the last one to close a database flushes it to the disk besides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's consolidated storage; a transaction still lives for one event, so that nothing stays locked."""

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        # The engine's pool hands a connection to one thread at a time.
        patience = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        return sqlalchemy.create_engine(self._conn_string, connect_args=patience)

    @contextmanager
    def _connect(self) -> Iterator[Any]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Closes what is still open."""
        super().dispose()  # type: ignore[no-untyped-call]
        self._engine.dispose()

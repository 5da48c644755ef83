"""DuckDB as SQLAlchemy sees it, with the columns of a table read by `describe`, and a transaction per statement.

duckdb-engine asks the whole catalogue for the columns, a tenth of a second for each judged table; in small cities that was most of the gate. Beginning and rolling
back cost as much as a small query. Loaded with Great Expectations, never before.
"""

from __future__ import annotations

from typing import Any

from duckdb_engine import Dialect
from sqlalchemy.types import NullType


class GateDialect(Dialect):
    """Names of columns are all the library needs to know of a table; views have neither types of SQLAlchemy's nor keys."""

    supports_statement_cache = True

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        """Columns of a view or table in their order."""
        name = f"{schema}.{table_name}" if schema else table_name
        rows = connection.exec_driver_sql(f"describe {name}").fetchall()
        return [{"name": row[0], "type": NullType(), "nullable": True, "default": None} for row in rows]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        """None."""
        return {"constrained_columns": [], "name": None}

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: the database is one process's own, and every statement stands by itself."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing is open."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing is open."""

"""DuckDB as SQLAlchemy sees it, with the columns of a table read by `describe`.

duckdb-engine asks the whole catalogue for them, a tenth of a second for each judged table; in small cities that was most of the gate. Loaded with
Great Expectations, never before.
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

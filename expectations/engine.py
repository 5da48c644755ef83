"""Runs declared checks with Great Expectations on an in-memory DuckDB.

Great Expectations is imported on first use: it takes seconds, and most commands never judge anything. Only counts leave this module. A check
that raised inside the library comes back as *crashed*; its message is dropped, since database errors quote values.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

import itertools
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from expectations.places import query_of
from expectations.suites.declare import Check
from orchestration.config import silence_telemetry

logger = logging.getLogger(__name__)

Result = Literal["passed", "failed", "crashed", "not_run"]

# Rows that fail are never listed: a row of a base table is a child.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}

_names = itertools.count(1)
_DRIVER = "gate"


@dataclass(frozen=True)
class Outcome:
    """What became of one check on one schema: how many rows (or groups) were judged, how many broke it."""

    result: Result
    rows: int | None = None
    unexpected: int | None = None


@dataclass
class Library:
    """The parts of Great Expectations and SQLAlchemy in use, loaded once."""

    gx: Any
    expectations: Any
    fault_rows: type[Any]
    sqlalchemy: Any
    project: Callable[[], Any]


@cache
def load() -> Library:
    """Imports Great Expectations with analytics off and teaches SQLAlchemy to keep DuckDB's rows.

    It takes seconds; a run that will judge later may call it in a thread while something else works.
    """
    silence_telemetry()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        import great_expectations.expectations as gxe
        import sqlalchemy
    logging.getLogger("great_expectations").setLevel(logging.ERROR)

    class FaultRows(gxe.UnexpectedRowsExpectation):  # type: ignore[misc,name-defined]
        """A query that must find nothing; unlike its parent it only counts, so no row is fetched and the query runs once."""

        metric_dependencies = ("unexpected_rows_query.row_count",)

        def _validate(
            self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            found = metrics["unexpected_rows_query.row_count"]
            return {"success": found == 0, "result": {"observed_value": found}}

    sqlalchemy.event.listen(sqlalchemy.Engine, "after_cursor_execute", _keep_rows)
    sqlalchemy.dialects.registry.register(f"duckdb.{_DRIVER}", "expectations.dialect", "GateDialect")
    return Library(gx, gxe, FaultRows, sqlalchemy, _project)


def _project() -> Any:
    """Everything in memory, and no folder for the library's own pages: nothing of a run may stay behind in /tmp."""
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    return DataContextConfig(store_backend_defaults=stores, analytics_enabled=False)


def _keep_rows(conn: Any, cursor: Any, statement: Any, parameters: Any, context: Any, executemany: Any) -> None:
    # Great Expectations gives the connection back before it fetches, and duckdb-engine's cursor has lost its rows by then.
    if conn.dialect.name != "duckdb" or context is None or not cursor.description:
        return
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=cursor.fetchall())


class Engine:
    """One in-memory database and one ephemeral context over it."""

    def __init__(self, library: Library, connection: Any, url: str) -> None:
        self._library = library
        self._connection = connection
        context = library.gx.get_context(mode="ephemeral", project_config=library.project())
        context.variables.progress_bars = {"globally": False}
        self._source = context.data_sources.add_sql("gate", connection_string=url, create_temp_table=False)
        self._batches: dict[tuple[str, str], Any] = {}

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What a failing statement raises."""
        return (self._library.sqlalchemy.exc.DBAPIError,)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs one statement and returns its rows, if any."""
        with self._connection.begin():
            result = self._connection.exec_driver_sql(statement)
            return [tuple(row) for row in result.fetchall()] if result.returns_rows else []

    def _batch(self, schema: str, table: str) -> Any:
        key = (schema, table)
        if key not in self._batches:
            with warnings.catch_warnings():
                # The advised way, one data source per schema, would open as many databases.
                warnings.simplefilter("ignore", DeprecationWarning)
                asset = self._source.add_table_asset(f"{schema}.{table}", table_name=table, schema_name=schema)
            # without a batch definition, for which the library would write out all it knows once more
            self._batches[key] = asset.get_batch(asset.build_batch_request())
        return self._batches[key]

    def _expectation(self, check: Check, schema: str) -> Any:
        e, args = self._library.expectations, check.arguments
        meta = {"check": check.name}
        match check.kind:
            case "not_null":
                return e.ExpectColumnValuesToNotBeNull(meta=meta, **args)
            case "between":
                return e.ExpectColumnValuesToBeBetween(meta=meta, **args)
            case "in_set":
                return e.ExpectColumnValuesToBeInSet(meta=meta, **args)
            case "unique" if len(args["columns"]) == 1:
                return e.ExpectColumnValuesToBeUnique(meta=meta, column=args["columns"][0])
            case "unique":
                return e.ExpectCompoundColumnsToBeUnique(meta=meta, column_list=args["columns"])
            case "columns":
                return e.ExpectTableColumnsToMatchSet(meta=meta, exact_match=True, **args)
            case "rows":
                return e.ExpectTableRowCountToBeBetween(meta=meta, **args)
            case "query":
                sql = "with t as (select * from {batch}) " + query_of(check, schema)
                return self._library.fault_rows(meta=meta, unexpected_rows_query=sql)

    def judge(self, schema: str, table: str, checks: Iterable[Check]) -> dict[str, Outcome]:
        """Judges one table; a failure of the library itself leaves every check crashed."""
        checks = list(checks)
        try:
            suite = self._library.gx.ExpectationSuite(f"{schema}.{table}")
            for check in checks:
                suite.add_expectation(self._expectation(check, schema))
            report = self._batch(schema, table).validate(suite, result_format=RESULT_FORMAT)
            found = {r.expectation_config.meta["check"]: _outcome(r) for r in report.results}
        except Exception as error:
            # Whatever the library does, the checks did not pass. Its message may quote values and is dropped.
            logger.warning("Checks on %s.%s crashed: %s", schema, table, type(error).__name__)
            return {check.name: Outcome("crashed") for check in checks}
        return {check.name: found.get(check.name, Outcome("not_run")) for check in checks}


def _raised(info: Any) -> bool:
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(_raised(inner) for inner in info.values() if isinstance(inner, dict))


def _outcome(result: Any) -> Outcome:
    if _raised(result.exception_info):
        return Outcome("crashed")
    figures = dict(result.result or {})
    observed = figures.get("observed_value")
    unexpected = figures.get("unexpected_count", observed if isinstance(observed, int) else None)
    rows = figures.get("element_count")
    return Outcome("passed" if result.success else "failed", rows, unexpected)


@contextmanager
def engine() -> Iterator[Engine]:
    """Opens an engine over a fresh database that vanishes with it."""
    library = load()
    url = f"duckdb+{_DRIVER}:///:memory:gate{next(_names)}"
    database = library.sqlalchemy.create_engine(url)
    try:
        with database.connect() as connection:
            yield Engine(library, connection, url)
    finally:
        database.dispose()

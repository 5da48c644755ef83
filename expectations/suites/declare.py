"""How a check is written down: plain data, so that reading the suites needs no Great Expectations import (it takes seconds).

A check judges one table of one school year (scope `year`, so an old year cannot block a new one) or a table that belongs to no year
(scope `common`). `expectations.engine` turns `kind` and `arguments` into the native expectation or into a query that must return no row.
In the SQL of a query check `t` is the judged table and `{s}` the schema that holds the other tables of the same year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from expectations.contract import FEED_ORDER

Severity = Literal["error", "warn"]
Scope = Literal["year", "common"]
Kind = Literal["not_null", "between", "in_set", "unique", "columns", "rows", "query"]


def feed_of(check: str) -> str:
    """The feed whose delivered rows a check judges: its name begins with it. Empty text for marts and controlled tables."""
    named = check.partition(".")[0]
    return named if named in FEED_ORDER else ""


def judges(check: str, feeds: Collection[str]) -> bool:
    """Whether a check judges what a figure is made of: a feed it is counted from, or no feed (registers, figures, controlled tables).

    Args:
        check: its name.
        feeds: the feeds of the figure, by the catalogue; none means that it may be made of any.
    """
    feed = feed_of(check)
    return not feed or not feeds or feed in feeds


@dataclass(frozen=True)
class Check:
    """One expectation with everything an auditor asks about it."""

    name: str
    table: str
    zh: str
    en: str
    reason_zh: str
    reason: str
    kind: Kind
    arguments: dict[str, Any] = field(hash=False)
    severity: Severity = "error"
    scope: Scope = "year"


@dataclass(frozen=True)
class Text:
    """Name, sentences and the reason of the bound, Chinese first: the part of a check that people read."""

    name: str
    zh: str
    en: str
    reason_zh: str
    reason: str


def _check(kind: Kind, table: str, text: Text, arguments: dict[str, Any], severity: Severity, scope: Scope) -> Check:
    return Check(text.name, table, text.zh, text.en, text.reason_zh, text.reason, kind, arguments, severity, scope)


def not_null(table: str, column: str, text: Text, *, severity: Severity = "error", scope: Scope = "year") -> Check:
    """The column has a value in every row."""
    return _check("not_null", table, text, {"column": column}, severity, scope)


def between(
    table: str,
    column: str,
    low: float | None,
    high: float | None,
    text: Text,
    *,
    severity: Severity = "error",
    scope: Scope = "year",
) -> Check:
    """Every value that is given lies in the closed range."""
    return _check("between", table, text, {"column": column, "min_value": low, "max_value": high}, severity, scope)


def in_set(
    table: str,
    column: str,
    values: Iterable[object],
    text: Text,
    *,
    severity: Severity = "error",
    scope: Scope = "year",
) -> Check:
    """Every value that is given is one of the codes."""
    return _check("in_set", table, text, {"column": column, "value_set": list(values)}, severity, scope)


def unique(
    table: str, columns: Iterable[str], text: Text, *, severity: Severity = "error", scope: Scope = "year"
) -> Check:
    """No two rows agree in all the columns."""
    return _check("unique", table, text, {"columns": list(columns)}, severity, scope)


def columns(table: str, names: Iterable[str], text: Text, *, scope: Scope = "year") -> Check:
    """The table has exactly these columns: an allow-list."""
    return _check("columns", table, text, {"column_set": list(names)}, "error", scope)


def rows(table: str, low: int, text: Text, *, severity: Severity = "error", scope: Scope = "year") -> Check:
    """The table has at least so many rows."""
    return _check("rows", table, text, {"min_value": low}, severity, scope)


def query(table: str, sql: str, text: Text, *, severity: Severity = "error", scope: Scope = "year") -> Check:
    """The query over `t` finds nothing. It is counted, never shown: no value of a row leaves the database."""
    return _check("query", table, text, {"sql": sql}, severity, scope)

"""Where a failed check found its faults: the faults counted by period and county.

Asked for failed checks only, so a check that passes costs nothing here. The faults are the rows of the check's own query, or the rows a column
check would not accept. A row is placed by its columns `period`, `county`, `school`, or `level` and `entity`; a school lies in its county by the
schools of its year. Only counts leave the database, and only codes of registered areas.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from expectations.suites.declare import Check
from expectations.verdict import Place

Execute = Callable[[str], list[tuple[Any, ...]]]


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def query_of(check: Check, schema: str) -> str:
    """The SQL of a query check over `t`, with its braces doubled as the library wants them."""
    return str(check.arguments["sql"]).replace("{s}", schema)


def _faults(check: Check, schema: str) -> str | None:
    """The rows over `t` that break a check; None where the table as a whole does."""
    args = check.arguments
    match check.kind:
        case "not_null":
            return f"select * from t where {args['column']} is null"
        case "between":
            bounds = ((">=", args["min_value"]), ("<=", args["max_value"]))
            within = " and ".join(f"{args['column']} {sign} {bound}" for sign, bound in bounds if bound is not None)
            return f"select * from t where not ({within})"
        case "in_set":
            return f"select * from t where {args['column']} not in ({', '.join(map(_literal, args['value_set']))})"
        case "unique":
            return f"select * from t qualify count(*) over (partition by {', '.join(args['columns'])}) > 1"
        case "query":
            return query_of(check, schema).format()
        case "columns" | "rows":
            return None


def _statement(faults: str, columns: Iterable[str], schema: str, period: str) -> str:
    known = set(columns)
    of_entity = "if(f.level = '{0}', f.entity, null)" if {"level", "entity"} <= known else "null"
    county = "f.county" if "county" in known else of_entity.format("county")
    school = "f.school" if "school" in known else of_entity.format("school")
    when = f"coalesce(f.period, '{period}')" if "period" in known else f"'{period}'"
    return (
        f"select {when} as period, coalesce(a.area, s.county, '') as county, count(*) from ({faults}) as f"
        f" left join (select distinct area from {schema}.areas) as a on a.area = {county}"
        f" left join (select school, min(county) as county from {schema}.schools group by school) as s on s.school = {school}"
        " group by all order by all"
    )


def places(
    execute: Execute,
    errors: tuple[type[Exception], ...],
    schema: str,
    check: Check,
    period: str,
    unexpected: int | None,
) -> tuple[Place, ...]:
    """Counts the faults of a failed check by place.

    What no row tells (a table without places, of no year, or as a whole) is one place: the check's period, in no county.
    """
    whole = (Place(period, "", unexpected or 1),)
    rows = _faults(check, schema) if check.scope == "year" else None
    if rows is None:
        return whole
    faults = f"with t as (select * from {schema}.{check.table}) {rows}"
    try:
        columns = [row[0] for row in execute(f"describe {faults}")]
        found = execute(_statement(faults, columns, schema, period))
    except errors:
        return whole
    return tuple(Place(*row) for row in found) or whole

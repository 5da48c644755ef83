"""The delivered rows behind a figure, asked from a build database: first the counts it sums, then whose rows make those counts.

Everything is set-wise in the database. What leaves it is file, sheet and row number, never a token or a value. That a row is one of
the cases of a numerator is a fact about a pupil: it leaves only where the caller has entered the access in the ledger.
"""

# ruff: noqa: S608 - the parts of every statement are names of this package and of the project's models; values are bound

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from orchestration.config import Home
from orchestration.trail.figure import Figure
from orchestration.trail.models import Project
from orchestration.warehouse.touched import WarehouseBusy

# The rows of each feed after the register has judged them; drop_reason is null for a row that counts.
ROWS = {
    "school_register": "int_register_rows",
    "student_roster": "int_roster_rows",
    "class_roster": "int_class_rows",
    "vision_check": "int_vision_rows",
    "physical_exam": "int_exam_rows",
    "fitness_test": "int_fitness_rows",
    "film_screening": "int_film_rows",
    "food_inspection": "int_inspection_rows",
    "kitchen_register": "int_kitchen_rows",
    "school_form": "int_school_form_rows",
    "county_form": "int_county_form_rows",
    "reported_measure": "int_measure_rows",
    "commitment_evidence": "int_evidence_rows",
    "county_certification": "int_certification_rows",
}
_OF_PUPILS = ("student_roster", "vision_check", "physical_exam", "fitness_test")
_OF_CLASSES = ("class_roster", "film_screening")

SCHEMA = {
    "feed": pl.String, "period": pl.String, "delivery_id": pl.String, "part": pl.Int32, "file_sha256": pl.String, "member": pl.String,
    "sheet": pl.String, "row_number": pl.Int32, "counted": pl.Boolean, "in_numerator": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """What a figure was counted from.

    Attributes:
        table: a delivered row per feed, `counted` false where a later row or delivery overwrote all of it.
        summed: numerator and denominator added up again from the finest counts; None where nothing was reported.
        schools: the schools whose counts are in it.
        silent: those of them that did not report.
    """

    table: pl.DataFrame
    summed: tuple[int | None, int | None]
    schools: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def contributing(home: Home, project: Project, figure: Figure) -> Rows:
    """The rows of the build of a home that a figure was counted from.

    Raises:
        WarehouseBusy: a build is running.
    """
    try:
        db = duckdb.connect(str(home.build_db), read_only=True)
    except duckdb.IOException as error:
        raise WarehouseBusy("建仓正在进行，请稍后再追溯。 (A build is running.)") from error
    with db:
        family = project.family(figure.indicator)
        summed = _county_counts(db, figure) if project.of_counties(family) else _school_counts(db, figure)
        pupils = _pupils(db, project, family, figure)
        parts = [_rows_of(feed, _whose(feed, family, figure, pupils), pupils) for feed in figure.feeds if feed in ROWS]
        selects = [
            pl.DataFrame(db.sql(sql, params=bound).to_arrow_table()).cast(pl.Schema(SCHEMA)) for sql, bound in parts
        ]
        schools = db.execute(
            "select school, bool_or(reported) from traced_counts where school is not null group by 1 order by 1"
        )
        told = schools.fetchall()
    table = pl.concat(selects) if selects else pl.DataFrame(schema=SCHEMA)
    order = ["feed", "period", "delivery_id", "part", "row_number"]
    return Rows(table.sort(order), summed, [s for s, _ in told], [s for s, reported in told if not reported])


_SUMS = """
select case when {reported} then sum(numerator) end, sum(denominator) from traced_counts
"""


def _school_counts(db: duckdb.DuckDBPyConnection, figure: Figure) -> tuple[int | None, int | None]:
    """Table `traced_counts`: the finest counts a figure sums, with the county, the register that describes the school."""
    name, _, value = figure.subgroup.partition("=")
    within = {
        "all": "true",
        "sex": "n.sex = $value",
        "grade": "cast(n.grade as varchar) = $value",
        "residence": "r.residence = $value",
    }
    area = {"school": "n.school", "county": "r.county", "city": "r.city"}[figure.level]
    bound = {"indicator": figure.indicator, "period": figure.period, "stage": figure.stage, "entity": figure.entity}
    if name != "all":
        bound["value"] = value
    db.execute(
        f"""
        create temp table traced_counts as
        select n.school, n.grade, n.sex, r.county, r.registered_in, n.numerator, n.denominator, n.reported
        from int_indicator_counts as n
        inner join seeds.stages as s on n.stage = s.stage and s.reported_as = $stage
        left join int_schools as r on n.school = r.school and substr(n.period, 1, 9) = r.school_year
        where n.indicator = $indicator and n.period = $period and {area} = $entity and {within[name]}
        """,
        bound,
    )
    return _sums(db, "bool_and(reported)" if figure.catalogue["whole_area"] else "bool_or(reported)")


def _county_counts(db: duckdb.DuckDBPyConnection, figure: Figure) -> tuple[int | None, int | None]:
    """As above for what begins at the county; there is no school in it."""
    area = {"county": "n.county", "city": "a.parent"}[figure.level]
    bound = {"indicator": figure.indicator, "period": figure.period, "stage": figure.stage, "entity": figure.entity}
    db.execute(
        f"""
        create temp table traced_counts as
        select cast(null as varchar) as school, cast(null as integer) as grade, cast(null as varchar) as sex, n.county,
          cast(null as varchar) as registered_in, n.numerator, n.denominator, n.reported
        from int_county_counts as n inner join marts.areas as a on n.county = a.area
        where n.indicator = $indicator and n.period = $period and n.stage = $stage and {area} = $entity
        """,
        bound,
    )
    return _sums(db, "bool_or(reported)")


def _sums(db: duckdb.DuckDBPyConnection, reported: str) -> tuple[int | None, int | None]:
    (row,) = db.execute(_SUMS.format(reported=reported)).fetchall()
    return tuple(None if v is None else int(v) for v in row)  # type: ignore[return-value]


def _pupils(
    db: duckdb.DuckDBPyConnection, project: Project, family: dict[str, Any], figure: Figure
) -> dict[str, Any] | None:
    """Table `traced_pupils`: who is in the denominator, and whether in the numerator; nothing for what is not counted by pupil."""
    counted = (family["config"]["meta"].get("counted") or {}).get(figure.indicator)
    if counted is None:
        return None
    counts, numerator, denominator = counted
    view = project.pupil_view(counts)
    db.execute(
        f"""
        create temp table traced_pupils as
        select p.pupil, p.{numerator} > 0 and c.reported as in_numerator
        from {view["name"]} as p
        inner join (select distinct school, grade, sex, reported from traced_counts) as c
          on p.school = c.school and p.grade = c.grade and p.sex is not distinct from c.sex
        where p.period = $period and p.{denominator} > 0
        """,
        {"period": figure.period},
    )
    found: dict[str, Any] = view["config"]["meta"]
    return found


def _before(period: str) -> str:
    """The same semester or school year a year earlier."""
    return f"{int(period[:4]) - 1}-{int(period[5:9]) - 1}{period[9:]}"


def _periods(feed: str, figure: Figure, years_back: int) -> list[str]:
    """The periods a feed's rows may stand in: a year is answered by the autumn roster and by the checks of both semesters."""
    period = figure.period
    if len(period) == 9 and feed == "student_roster":
        found = [f"{period}-1"]
    elif len(period) == 9 and feed == "vision_check":
        found = [f"{period}-1", f"{period}-2"]
    else:
        found = [period]
    if feed == "student_roster":
        return found
    return found + [_before(p) for p in found for _ in range(years_back)]


def _whose(
    feed: str, family: dict[str, Any], figure: Figure, pupils: dict[str, Any] | None
) -> tuple[str, dict[str, Any]]:
    """Which rows of a feed are meant, as a condition on the row `r`, with what it binds."""
    years_back = int((pupils or family["config"]["meta"]).get("years_back", 0))
    bound: dict[str, Any] = {"periods": _periods(feed, figure, years_back)}
    within = "r.period in (select unnest($periods))"
    of_county = "r.county in (select county from traced_counts)"
    if feed == "school_register":
        # a school that was merged hands its pupils over: its own line of the register says so
        merged = """select (m.school, s.registered_in) from int_school_successors as m
            inner join int_schools as s on m.school = s.school and substr(m.period, 1, 9) = s.school_year
            where m.period in (select unnest($rosters)) and m.successor in (select school from traced_counts)"""
        own = "select (school, registered_in) from traced_counts"
        return f"(r.school, r.period) in ({own} union {merged})", {"rosters": _periods("student_roster", figure, 0)}
    if feed in _OF_PUPILS:
        return f"{within} and r.pupil = p.pupil", bound
    if feed in _OF_CLASSES:
        same = "c.school = r.school and (c.grade is null or c.grade = r.grade)"
        return f"{within} and exists (select 1 from traced_counts as c where {same})", bound
    if feed == "county_form":
        return f"{within} and {of_county}", bound
    if feed == "reported_measure":
        bound["measures"] = family["config"]["meta"]["measures"][figure.indicator]
        return (
            f"{within} and {of_county} and r.school is null and upper(r.indicator) in (select unnest($measures))",
            bound,
        )
    if feed == "county_certification":
        return f"r.period <= $period and {of_county}", {"period": figure.period}
    if feed == "commitment_evidence":
        shown = """exists (
            select 1 from int_item_evidence as e inner join traced_counts as c on e.county = c.county
            where e.period = $period and e.item = $indicator and coalesce(r.school, '') = e.school
              and (r.county is null or r.county = e.county) and r.document_no is not distinct from e.document_no
              and r.title is not distinct from e.title and r.issued_on is not distinct from e.issued_on)"""
        return shown, {"period": figure.period, "indicator": figure.indicator}
    return f"{within} and r.school in (select school from traced_counts)", bound


def _rows_of(feed: str, whose: tuple[str, dict[str, Any]], pupils: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """The statement that lists a feed's rows; a delivered row with several items is one row."""
    condition, bound = whose
    joined = pupils is not None and feed in _OF_PUPILS
    sql = f"""
    select '{feed}' as feed, r.period, r.delivery_id, r.part, r.file_sha256, r.member, r.sheet, r.row_number,
      bool_or(r.drop_reason is null and s.row_number is null) as counted,
      {"bool_or(p.in_numerator)" if joined else "cast(null as boolean)"} as in_numerator
    from {ROWS[feed]} as r
    {"inner join traced_pupils as p on r.pupil = p.pupil" if joined else ""}
    left join int_superseded_rows as s
      on s.feed = '{feed}' and r.period = s.period and r.delivery_id = s.delivery_id and r.part = s.part and r.row_number = s.row_number
    where coalesce(r.drop_reason, 'replaced') = 'replaced' and {condition}
    group by all
    """
    return sql, bound

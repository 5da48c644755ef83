"""What the gate looks at: views over Parquet in an in-memory DuckDB, a schema per school year and one for what belongs to no year.

A view of a year reads only the files and rows of that year, so nothing of an old year can fail a new one. A few aggregates that several
checks need (rows, pupils and unlinked rows by school) are counted once and kept as small tables. No name, number or token is shown by a check:
the pupil tokens are only hashed and compared inside the database.
"""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duckdb import __version__ as duckdb_version

from expectations.contract import FEED_ORDER
from orchestration.config import DBT_PROJECT_DIR, Home
from orchestration.disclosure.tables import CONTROLLED

COMMON = "common"
# Seen by every year but judged by none of its checks; they change with every build.
UNJUDGED = ("meta", "deliveries_summary", "rejected_rows")
EDITIONS = ("internal", "public")
SCHOOL_TYPES = DBT_PROJECT_DIR / "seeds" / "school_types.csv"
SCHOOL_YEAR = re.compile(r"\d{4}-\d{4}")

# Rows of a marts table that belong to a school year; tables not named here belong to none and are seen by every year.
YEAR_COLUMN = {
    "indicator_values": "period",
    "schools": "period",
    "coverage": "period",
    "delivery_parts": "period",
    "landed_parts": "period",
    "school_assessment": "period",
    "county_variation": "period",
    "county_verdict": "period",
    "commitments": "period",
    "cases": "period",
    "school_gaps": "period",
    "county_additions": "period",
    "item_documents": "period",
    "certification_states": "period",
}
MARTS = (
    "indicator_values",
    "schools",
    "areas",
    "indicators",
    "targets",
    "coverage",
    "delivery_parts",
    "rejected_rows",
    "school_assessment",
    "county_variation",
    "county_verdict",
    "commitments",
    "cases",
)
# Feeds whose values of the year before are compared with this year's.
COMPARED = ("vision_check", "physical_exam", "fitness_test")

# The gate runs beside an interface and a site server on a bureau's own machine. A city fits; what is larger spills to disk.
MEMORY_LIMIT = "1300MB"

Execute = Callable[[str], Any]

# A pupil's token stands here as often as the rosters name it: looking up needs no distinct list, and making one costs more than it saves.
_TOKENS = "create table {s}.roster_tokens as " + " union all ".join(
    f"select hash(period, {token}) as h from {{s}}.student_roster where {token} is not null"
    for token in ("pupil_xjh", "pupil_id", "pupil_no", "pupil_num")
)

_ROSTER = """
create table {s}.roster_by_school as
select period, school, cast(sum(n) as bigint) as row_count, count(*) as pupils
from (
  select period, school, hash(coalesce(pupil_xjh, pupil_id, pupil_no, pupil_num)) as k, count(*) as n
  from {s}.student_roster group by all)
group by period, school"""

# Per pupil and semester: were there two checks (two days or two rounds), did they give the same values, did they fall on one day?
_VISION = """
create table {s}.vision_by_school as
select period, school, cast(sum(n) as bigint) as row_count, count(*) as pupils,
  count(*) filter (where repeated) as repeated,
  count(*) filter (where repeated and same) as identical,
  count(*) filter (where one_day) as one_day
from (
  select period, school, k, count(*) as n,
    min(check_date) <> max(check_date) or min("round") <> max("round") as repeated,
    min("round") <> max("round") and min(check_date) = max(check_date) as one_day,
    count(sight) = count(*) and min(sight) = max(sight)
      and coalesce(min(sphere_right) = max(sphere_right), true) and coalesce(min(sphere_left) = max(sphere_left), true) as same
  from (
    select period, school, hash(coalesce(pupil_xjh, pupil_id, pupil_no, pupil_num)) as k, check_date, "round",
      va_right * 1000 + va_left as sight, sphere_right, sphere_left
    from {s}.vision_check)
  group by period, school, k)
group by period, school"""

# Per check: was only one eye given, is a weak eye (below 4.8, 0.75 dioptres or more) far-sighted, as it hardly ever is, are all values one?
_SIGHT = """
create table {s}.sight_by_school as
select period, school, count(va_right) + count(va_left) - count(va_right + va_left) as graded,
  count(va_right) + count(va_left) - 2 * count(va_right + va_left) as one_eye,
  count(*) filter (where va_right < 48 and abs(sphere_right) >= 75) as weak,
  count(*) filter (where va_right < 48 and sphere_right >= 75) as weak_plus,
  coalesce(least(min(va_right), min(va_left)) = greatest(max(va_right), max(va_left)), false) as alike
from {s}.vision_check group by period, school"""

# A year's exam and fitness test are judged against the autumn roster, as the figures are.
_ROSTER_PERIOD = {
    "vision_check": "period",
    "physical_exam": "period || '-1'",
    "fitness_test": "period || '-1'",
}


def _each_record_feed(select: str) -> str:
    parts = [select.replace("{feed}", feed).replace("{roster}", roster) for feed, roster in _ROSTER_PERIOD.items()]
    return " union all ".join(parts)


# Nearly every record is found on the roster by its strongest token; only the rest is looked up by the weaker ones.
_LOOSE = f"""
create table {{s}}.loose as
select f.*, row_number() over () as id from ({
    _each_record_feed(
        "select '{feed}' as feed, period, school, {roster} as roster, pupil_xjh, pupil_id, pupil_no, pupil_num from {s}.{feed}"
    )
}) as f anti join {{s}}.roster_tokens as r
on r.h = hash(f.roster, coalesce(f.pupil_xjh, f.pupil_id, f.pupil_no, f.pupil_num))"""

_LINKED = f"""
create table {{s}}.linked_by_school as
with found as (
  select distinct id
  from (select id, unnest([hash(roster, pupil_id), hash(roster, pupil_no), hash(roster, pupil_num)]) as h from {{s}}.loose)
  join {{s}}.roster_tokens using (h))
select feed, period, school, cast(sum(n) as bigint) as row_count, cast(sum(missing) as bigint) as unlinked from (
  {_each_record_feed("select '{feed}' as feed, period, school, count(*) as n, 0 as missing from {s}.{feed} group by all")}
  union all
  select feed, period, school, 0, count(*) from {{s}}.loose anti join found using (id) group by all)
group by all"""

# What was measured, by school: how many values, how many on a round number (the step of a rough reading), whether all are one value.
_STEPS: dict[str, dict[str, int | None]] = {
    "physical_exam": {"height_mm": 50, "weight_g": 5000, "systolic": None},
    "fitness_test": {
        "height_mm": 50,
        "weight_g": 5000,
        "vital_capacity": 100,
        "run_50m": None,
        "sit_reach": None,
        "rope": None,
    },
}


def _measure(item: str, step: int | None) -> str:
    heaped = f"count(*) filter (where {item} % {step} = 0)" if step else "0"
    return (
        f"{{item: '{item}', given: count({item}), heaped: {heaped}, alike: coalesce(min({item}) = max({item}), false)}}"
    )


_MEASURES = "create table {s}.measures_by_school as " + " union all ".join(
    f"select '{feed}' as feed, period, school, unnest([{', '.join(_measure(i, n) for i, n in items.items())}], recursive := true)"
    f" from {{s}}.{feed} group by period, school"
    for feed, items in _STEPS.items()
)

# The same pupils a year before: how many were measured in both years, how many with every value the same, how many lost more than 2 cm.
_KEY = "hash(coalesce(pupil_xjh, pupil_id, pupil_no, pupil_num))"
_AGAIN = {
    feed: f"""select '{feed}' as feed, period, school, count(*) as compared,
  count(*) filter (where now.seen = past.seen) as same, count(*) filter (where {shrunk}) as shrunk
from (select period, any_value(school) as school, {_KEY} as k, {seen} from {{s}}.{feed} where {given} group by period, k) as now
join (select period, {_KEY} as k, {seen} from {{s}}.last_{feed} where {given} group by period, k) as past using (period, k)
group by period, school"""
    for feed, seen, given, shrunk in (
        *(
            (
                f,
                "hash(max(height_mm), max(weight_g)) as seen, max(height_mm) as height",
                "height_mm + weight_g is not null",
                "now.height < past.height - 20",
            )
            for f in COMPARED[1:]
        ),
        (
            COMPARED[0],
            "hash(min(va_right), max(va_right), min(va_left), max(va_left)) as seen",
            "va_right + va_left is not null",
            "false",
        ),
    )
}


def _again(feeds: Collection[str]) -> str:
    """The feeds that anybody was measured by a year before; where there are none, no row."""
    every = " union all ".join(_AGAIN[feed] for feed in feeds)
    return "create table {s}.again_by_school as " + (every or f"select * from ({_AGAIN[COMPARED[0]]}) limit 0")


# Figures of schools and counties beside the same figure of the year before, where the method is the same.
_YEAR_ON_YEAR = """
create table {s}.year_on_year as
select f.indicator, f.period, f.level, f.entity, f.stage, f.value, l.value as before,
  least(f.denominator, l.denominator) as counted, f.is_share, f.per_pupil
from {s}.figures as f join {s}.last_indicator_values as l using (indicator, period, level, entity, stage, subgroup, method)
where f.level in ('school', 'county') and f.subgroup = 'all' and f.stage <> 'compulsory'"""

# One delivered row may give several inspected items: there the delivered rows are counted, elsewhere every row is one.
_BASE_PARTS = "create table {s}.base_parts as " + " union all ".join(
    f"select '{feed}' as feed, delivery_id, part, count({'distinct row_number' if feed == 'food_inspection' else '*'}) as row_count "
    f"from {{s}}.{feed} group by delivery_id, part"
    for feed in FEED_ORDER
)

# Every figure with what the catalogue and the school register say about it.
_FIGURES = """
create table {s}.figures as
select v.*, i.unit in ('share', 'proportion') as is_share, i.counted_unit = 'pupil' as per_pupil,
  coalesce(i.domain = 'resources' and i.unit <> 'ratio', false) as over_pupils, i.judgement = 'exact' as is_exact,
  i.levels, i.stages, i.subgroups, i.numerator_scale, i.per,
  -- one school that left its item blank takes the figure of the whole area, and with it its numerator
  coalesce(i.whole_area, false) and v.status = 'not_reported' as withheld,
  sc.county, sc.residence
from {s}.indicator_values as v
left join {s}.indicators as i on i.code = v.indicator
left join {s}.schools as sc on v.level = 'school' and sc.school = v.entity"""

# How many schools stand behind each cell of a county or city, counted from the inner figures. A school is of one residence class, so its
# whole stands behind its area's cell of that class. A school has one figure for a cell: that it stands once is a check of its own.
_CONTRIBUTORS = """
create table {s}.contributors as
with stands as (
  select indicator, period, stage, subgroup, county, entity from {s}.figures
  where level = 'school' and subgroup not like 'residence=%'
  union all
  select indicator, period, stage, 'residence=' || residence, county, entity from {s}.figures
  where level = 'school' and subgroup = 'all'
)
select indicator, period, stage, subgroup, area, count(*) as schools from (
  select * exclude (county), county as area from stands
  union all
  select s.* exclude (county), a.parent as area from stands as s join {s}.areas as a on a.area = s.county)
group by all"""


def _cells(edition: str) -> str:
    """A controlled figure beside the inner one it shows or hides; a row on one side only is not both published and counted.

    Kept narrow, since there is one for every figure of a city; the number of schools behind a cell is asked for the public edition only.
    """
    public = edition == "public"
    behind = """
left join {s}.contributors as c
  on c.indicator = f.indicator and c.period = f.period and c.stage = f.stage and c.subgroup = f.subgroup
  and c.area = case when f.level = 'school' then f.county else f.entity end"""
    return f"""
create table {{s}}.{edition}_cells as
select t.figure_id is not null as published, f.figure_id is not null as counted, t.status, t.numerator, t.denominator, t.value,
  t.value_text_rule, t.rounded, f.status as inner_status, f.period, f.level, f.entity, f.numerator as true_numerator,
  f.denominator as true_denominator, f.value as true_value, coalesce(f.per_pupil, true) as per_pupil,
  coalesce(f.over_pupils, false) as over_pupils, coalesce(f.is_share, true) as is_share,
  coalesce(t.numerator, t.value, t.lower_95, t.upper_95) is not null as measures,
  coalesce(t.numerator, t.denominator, t.value, t.lower_95, t.upper_95) is not null as shows{", coalesce(c.schools, 0) as schools" if public else ""}
from {{s}}.{edition}_indicator_values as t
full join {{s}}.figures as f on f.figure_id = t.figure_id{behind if public else ""}"""


_LAST = tuple(f"last_{feed}" for feed in COMPARED)

DERIVED = {
    "figures": _FIGURES,
    "contributors": _CONTRIBUTORS,
    "internal_cells": _cells("internal"),
    "public_cells": _cells("public"),
    "roster_tokens": _TOKENS,
    "roster_by_school": _ROSTER,
    "vision_by_school": _VISION,
    "sight_by_school": _SIGHT,
    "loose": _LOOSE,
    "linked_by_school": _LINKED,
    "measures_by_school": _MEASURES,
    "again_by_school": _again(COMPARED),
    "year_on_year": _YEAR_ON_YEAR,
}

# Only needed to make the others: millions of tokens that must not stay in memory.
WORKING = {"roster_tokens", "loose", "contributors"}

# Every part with the rows that are listed for it; a part of several periods belongs to no year.
_PART_SUMS = """
create table common.part_sums as
with listed as (
  select delivery_id, part, count(*) filter (where row_number is not null) as listed,
    count(*) filter (where row_number is null) as whole
  from common.rejected_rows group by all)
select p.delivery_id, p.part, coalesce(p.rows_rejected, 0) as rows_rejected, left(p.period, 9) as school_year,
  coalesce(l.listed, 0) as listed, coalesce(l.whole, 0) as whole, p.period, p.school
from common.all_delivery_parts as p left join listed as l using (delivery_id, part)
where p.state not in ('duplicate', 'pending')"""


@dataclass
class Stock:
    """Which tables could be laid out; what is missing is reported as not run, never as passed."""

    years: list[str]
    present: set[tuple[str, str]] = field(default_factory=set)

    def has(self, schema: str, table: str) -> bool:
        """Whether the table exists in the schema."""
        return (schema, table) in self.present


def year_before(year: str) -> str:
    """The school year before a school year."""
    first = int(year[:4])
    return f"{first - 1}-{first}"


def schema_of(year: str) -> str:
    """Name of a school year's schema."""
    return "y" + year.replace("-", "_")


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _read(paths: list[Path]) -> str:
    return f"read_parquet([{', '.join(_literal(p) for p in paths)}], union_by_name=true)"


def partitions(home: Home, feed: str) -> dict[str, list[Path]]:
    """Files of a feed by school year."""
    found: dict[str, list[Path]] = {}
    for path in sorted((home.base / feed).glob("[0-9]*.parquet")):
        found.setdefault(path.stem[:9], []).append(path)
    return found


class Layout:
    """Lays the views out through a callable that runs one SQL statement."""

    def __init__(self, execute: Execute, home: Home, version: str, errors: tuple[type[Exception], ...]) -> None:
        self._execute = execute
        self._home = home
        self._marts = home.marts / version
        self._errors = errors
        self._stock = Stock([])

    def build(self) -> Stock:
        """Makes all schemas and views; the aggregates of a year are made by `derive`, for the years that are judged."""
        files = {feed: partitions(self._home, feed) for feed in FEED_ORDER}
        # An in-memory database spills only where it is told to.
        self._execute(f"set temp_directory = {_literal(self._home.warehouse / 'tmp')}")
        self._execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        self._execute(f"create schema {COMMON}")
        self._common()
        self._stock.years = sorted({year for by_year in files.values() for year in by_year} | self._mart_years())
        for year in self._stock.years:
            self._year(year, files)
        held = [
            f"select * from {schema_of(y)}.base_parts"
            for y in self._stock.years
            if self._stock.has(schema_of(y), "base_parts")
        ]
        if len(held) == len(self._stock.years) > 0:
            self._view(COMMON, "all_base_parts", " union all ".join(held))
        return self._stock

    def fingerprint(self, year: str) -> str:
        """Hash of everything the checks of a year look at: its base files by content, its rows of every other table in any order."""
        digest = hashlib.sha256(duckdb_version.encode())
        for feed in FEED_ORDER:
            files = partitions(self._home, feed)
            past = files.get(year_before(year), []) if feed in COMPARED else []
            for path in [*files.get(year, []), *past]:
                with path.open("rb") as stream:
                    digest.update(f"{feed} {path.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
        schema = schema_of(year)
        for table in sorted(name for at, name in self._stock.present if at == schema and name not in FEED_ORDER):
            if not table.endswith(UNJUDGED) and table not in _LAST:
                [(rows, total)] = self._execute(f"select count(*), sum(hash(x)) from {schema}.{table} as x")
                digest.update(f"{table} {rows} {total}\n".encode())
        return digest.hexdigest()

    def _try(self, schema: str, table: str, statement: str) -> None:
        try:
            self._execute(statement)
        except self._errors:
            return
        self._stock.present.add((schema, table))

    def _view(self, schema: str, table: str, select: str) -> None:
        self._try(schema, table, f"create view {schema}.{table} as {select}")

    def _common(self) -> None:
        for table in MARTS:
            name = f"all_{table}" if table in YEAR_COLUMN else table
            self._view(COMMON, name, f"select * from {_read([self._marts / f'{table}.parquet'])}")
        for edition in EDITIONS:
            for table in CONTROLLED:
                path = self._marts / "controlled" / edition / f"{table}.parquet"
                name = f"all_{edition}_{table}" if table in YEAR_COLUMN else f"{edition}_{table}"
                self._view(COMMON, name, f"select * from {_read([path])}")
        landed = self._home.base / "_parts" / "parts.parquet"
        self._view(COMMON, "all_landed_parts", f"select * from {_read([landed])}")
        self._view(COMMON, "yearless_parts", "select * from common.all_delivery_parts where period is null")
        self._try(COMMON, "part_sums", _PART_SUMS)
        self._view(COMMON, "yearless_sums", "select * from common.part_sums where school_year is null")

    def _mart_years(self) -> set[str]:
        if not self._stock.has(COMMON, "all_indicator_values"):
            return set()
        rows = self._execute(
            "select distinct left(period, 9) from common.all_indicator_values where period is not null"
        )
        return {row[0] for row in rows if SCHOOL_YEAR.fullmatch(row[0])}

    def _year(self, year: str, files: dict[str, dict[str, list[Path]]]) -> None:
        schema = schema_of(year)
        self._execute(f"create schema {schema}")
        for feed in FEED_ORDER:
            empty = self._home.base / feed / "_schema.parquet"
            paths = [empty, *files[feed].get(year, [])]
            self._view(schema, feed, f"select * from {_read(paths)}")
        shared = [*MARTS, *(f"{e}_{t}" for e in EDITIONS for t in CONTROLLED), "landed_parts"]
        for table in shared:
            bare = table.removeprefix("internal_").removeprefix("public_")
            if bare in YEAR_COLUMN:
                column = YEAR_COLUMN[bare]
                self._view(
                    schema,
                    table,
                    f"select * from common.all_{table} where {column} >= '{year}' and left({column}, 9) = '{year}'",
                )
            else:
                self._view(schema, table, f"select * from common.{table}")
        last = year_before(year)
        moved = f"select * replace ('{year}' || substr(period, 10) as period) from"
        for feed in COMPARED:
            paths = [self._home.base / feed / "_schema.parquet", *files[feed].get(last, [])]
            self._view(schema, f"last_{feed}", f"{moved} {_read(paths)}")
        self._view(
            schema,
            "last_indicator_values",
            f"{moved} common.all_indicator_values where left(period, 9) = '{last}' and level in ('school', 'county')",
        )
        self._view(
            schema,
            "school_types",
            f"select * from read_csv({_literal(SCHOOL_TYPES)}, types = {{'school_type': 'varchar'}})",
        )
        self._view(schema, "part_sums", f"select * from common.part_sums where school_year = '{year}'")
        self._try(schema, "base_parts", _BASE_PARTS.replace("{s}", schema))

    def derive(self, year: str) -> None:
        """Counts what several checks of a year need."""
        schema = schema_of(year)
        past = [feed for feed in COMPARED if year_before(year) in partitions(self._home, feed)]
        for table, statement in {**DERIVED, "again_by_school": _again(past)}.items():
            self._try(schema, table, statement.replace("{s}", schema))
        for table in WORKING & {name for at, name in self._stock.present if at == schema}:
            self._execute(f"drop table {schema}.{table}")
            self._stock.present.discard((schema, table))

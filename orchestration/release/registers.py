"""What a release keeps and compares beside its figures: how commitments stood, which cases there were, which schools.

Grain: commitment × area × period, case, school; of the release's own edition, from its controlled tables. Kept in the release and signed with it.
What is hidden now tells nothing of before: the list of differences must not be where it is looked up.
"""

# ruff: noqa: S608 - the parts of every statement are names and paths of this package, never input

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.release.amendment import KEY

COMMITMENTS, CASES, SCHOOLS = "data/commitments.parquet", "data/cases.parquet", "data/schools.parquet"
Rows = list[dict[str, Any]]

_KEPT = {
    COMMITMENTS: "select commitment, entity, period, status from {t} where entity_level <> 'school' and left(period, 9) = $year",
    CASES: "select case_id, county, school, indicator, period, state, figure_id from {t} where left(period, 9) <= $year",
    SCHOOLS: "select school, school_name, county, closed_on, merged_into from {t} where period = $year",
}


def _source(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def keep(controlled: Path, year: str, folder: Path) -> dict[str, Path]:
    """Writes the kept tables of a release into a folder; those the data version does not have are left out.

    Returns:
        The files by their path in the release.
    """
    found = {}
    with duckdb.connect() as db:
        for name, select in _KEPT.items():
            table = controlled / Path(name).name
            if table.is_file():
                found[name] = folder / table.name
                db.execute(
                    f"copy ({select.format(t=_source(table))} order by all) to '{str(found[name]).replace(chr(39), chr(39) * 2)}'"
                    " (format parquet, compression zstd)",
                    {"year": year},
                )
    return found


def differences(old: Mapping[str, Path | None], new: Mapping[str, Path], figures: Path) -> dict[str, Rows]:
    """What differs from the release before, by kept table; a table that one of them did not keep is not compared.

    Args:
        old: kept tables of the release before.
        new: those of this one.
        figures: the figures of this one (`amendment.keep`): they say which of them are hidden now.
    """
    found: dict[str, Rows] = {}
    for name, compare in _COMPARE.items():
        before, now = old.get(name), new.get(name)
        if before is not None and now is not None:
            with duckdb.connect() as db:
                db.execute(f"create view o as from {_source(before)}")
                db.execute(f"create view n as from {_source(now)}")
                db.execute(f"create view figures as from {_source(figures)}")
                answer = db.execute(compare)
                columns = [column[0] for column in answer.description or ()]
                found[name] = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    return found


# Kept before and not kept now come first. A commitment that is hidden now does not say how it stood.
_COMMITMENTS_ANEW = """
with differing as (
  select commitment, entity, period, coalesce(n.status, '') as now,
    case when n.status = 'suppressed' then '' else coalesce(o.status, '') end as before
  from o full join n using (commitment, entity, period)
  where o.status is distinct from n.status
)
select commitment, entity, period, before, now from differing
order by before = 'met' desc, now = 'met' desc, commitment, entity, period"""

# A case that is listed no longer since its figure is hidden now is only counted, by county.
_CASES_ANEW = f"""
with differing as (
  select case_id, coalesce(n.county, o.county) as county, coalesce(n.school, o.school, '') as school, coalesce(n.indicator, o.indicator) as indicator,
    coalesce(n.period, o.period) as period, coalesce(o.state, '') as before, coalesce(n.state, '') as now, o.figure_id
  from o full join n using (case_id) where o.state is distinct from n.state
),
named as (
  select d.*, case
    when before = '' then 'opened'
    when now = '' and d.figure_id is not null and f.id is null then 'unlisted'
    when now = '' then 'withdrawn'
    when now = 'closed' then 'closed'
    when before = 'closed' or now = 'reopened' then 'reopened'
    else 'moved' end as change
  from differing as d left join (
    select concat_ws('.', {", ".join(KEY)}) as id from figures where status <> 'suppressed'
  ) as f on f.id = d.figure_id
)
select change, county, school, case_id, indicator, period, before, now, 1 as cases from named where change <> 'unlisted'
union all
select change, county, '', '', '', '', '', '', count(*) from named where change = 'unlisted' group by all
order by change, county, school, case_id"""

_SCHOOLS_ANEW = """
select case
    when o.school is null then 'added'
    when n.school is null then 'removed'
    when o.closed_on is null and n.closed_on is not null then 'closed'
    when o.closed_on is not null and n.closed_on is null then 'open_again'
    when o.county is distinct from n.county then 'other_county'
    else 'renamed' end as change,
  school, coalesce(n.county, o.county) as county, coalesce(o.school_name, '') as before, coalesce(n.school_name, '') as now,
  coalesce(n.merged_into, '') as merged_into
from o full join n using (school)
where o.school is null or n.school is null or (o.school_name, o.county, o.closed_on) is distinct from (n.school_name, n.county, n.closed_on)
order by change, county, school"""

_COMPARE = {COMMITMENTS: _COMMITMENTS_ANEW, CASES: _CASES_ANEW, SCHOOLS: _SCHOOLS_ANEW}

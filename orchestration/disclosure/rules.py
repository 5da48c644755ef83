"""The disclosure rule as SQL over the inner tables. Each function gives one select; thresholds are numbers from the reviewed file."""

# ruff: noqa: S608 - the parts of every statement are names and numbers of this package, never input

from __future__ import annotations

from orchestration.disclosure.thresholds import Thresholds

# Figures with what the rule needs to know about them, and how many schools stand behind each cell of an area.
PREPARE = (
    """
create table figures as
select v.*,
  coalesce(i.counted_unit, 'pupil') = 'pupil' as per_pupil,
  -- A resource over pupils counts no pupil, but its denominator is a number of them.
  coalesce(i.domain = 'resources' and i.unit <> 'ratio', false) as over_pupils,
  coalesce(i.unit, 'share') in ('share', 'proportion') as is_share,
  coalesce(i.unit, 'share') = 'points' as is_mean,
  s.county as school_county,
  -- A school is of one residence class: its whole stands behind its area's cell of that class.
  s.residence as school_residence
from indicator_values as v
left join indicators as i on i.code = v.indicator
left join schools as s on v.level = 'school' and s.period = left(v.period, 9) and s.school = v.entity
""",
    """
create table contributors as
with by_county as (
  select indicator, period, stage, subgroup, school_county as area, entity as school
  from figures where level = 'school' and subgroup not like 'residence=%'
  union
  select indicator, period, stage, 'residence=' || school_residence, school_county, entity
  from figures where level = 'school' and subgroup = 'all'
),
by_city as (select b.* replace (a.parent as area) from by_county as b join areas as a on a.area = b.area where a.parent is not null),
by_province as (select b.* replace (a.parent as area) from by_city as b join areas as a on a.area = b.area where a.parent is not null)
select indicator, period, stage, subgroup, area, count(*) as schools
from (from by_county union all from by_city union all from by_province)
group by all
""",
)

# What of a school may pass the border; a column the marts gain later stays behind until it is listed here.
SCHOOL_COLUMNS = (
    "period",
    "school",
    "school_name",
    "county",
    "county_name",
    "city",
    "school_type",
    "stage",
    "residence",
    "canteens",
    "pupils",
    "boarding",
    "opened_on",
    "closed_on",
    "merged_into",
)

# Told per indicator, level and period; which cell is hidden for which reason is not told.
SUPPRESSION = """
select indicator, period, level, count(*) as cells, count(*) filter (where hidden) as suppressed,
  count(*) filter (where tail is not null) as tails
from cells group by all"""


def _rounded(column: str, limits: Thresholds) -> str:
    return f"cast(({column} + {limits.round_to // 2}) // {limits.round_to} * {limits.round_to} as bigint)"


def cells(limits: Thresholds, *, public: bool) -> str:
    """Every figure with `hidden` (nothing of it is shown), `tail` (shown as a bound) and the counts that may be shown."""
    hidden = f"f.denominator < {limits.minimum_pupils}"
    # A mean at an end of the scale (0, 100, of the body mass index 60) says the same of every pupil of a small group.
    hidden += (
        f" or (is_mean and f.denominator < {limits.tail_pupils}"
        " and f.numerator in (0, 60 * f.denominator, 100 * f.denominator))"
    )
    counts = "f.numerator as shown_numerator, f.denominator as shown_denominator"
    if public:
        # A cell nobody can be shown to stand behind counts as one without schools.
        hidden += f" or coalesce(f.numerator < {limits.smallest_count}, false) or coalesce(c.schools, 0) < {limits.minimum_schools}"
        pupils = _rounded("f.denominator", limits)
        # A sum of points goes with the rounded number of pupils, or the mean would move with the rounding of a small group.
        scaled = f"((2 * f.numerator * {pupils} + f.denominator) // (2 * f.denominator))"
        counts = (
            f"case when per_pupil and is_mean then {_rounded(scaled, limits)} "
            f"when per_pupil then {_rounded('f.numerator', limits)} else f.numerator end as shown_numerator, "
            f"case when per_pupil then {pupils} else f.denominator end as shown_denominator"
        )
    rounded = "per_pupil" if public else "false"
    bounds = _bounds(limits) if public else "f.lower_95 as shown_lower, f.upper_95 as shown_upper"
    return f"""
with marked as (
  select f.*, {counts},
    coalesce(per_pupil and ({hidden}) or over_pupils and f.denominator < {limits.minimum_pupils}, false) as hidden,
    case when not (per_pupil and is_share) or f.denominator >= {limits.tail_pupils} then null
      when f.numerator = 0 then 'le5' when f.numerator = f.denominator then 'ge95' end as edge
  from figures as f
  left join contributors as c
    on c.indicator = f.indicator and c.period = f.period and c.stage = f.stage and c.subgroup = f.subgroup
    and c.area = case when f.level = 'school' then f.school_county else f.entity end
)
select f.* exclude (edge), case when not hidden then edge end as tail, {rounded} as is_rounded, {bounds}
from marked as f"""


def _bounds(limits: Thresholds) -> str:
    z = f"cast({limits.z_95!r} as double)"
    n, p = "cast(f.shown_denominator as double)", "cast(f.shown_numerator as double) / f.shown_denominator"
    centre = f"({p} + {z} * {z} / (2 * {n}))"
    spread = f"{z} * sqrt({p} * (1 - {p}) / {n} + {z} * {z} / (4 * {n} * {n}))"
    scale = f"(1 + {z} * {z} / {n})"
    lower = f"greatest(0, ({centre} - {spread}) / {scale})"
    upper = f"least(1, ({centre} + {spread}) / {scale})"
    keep = "f.lower_95 is null or not f.per_pupil"
    return (
        f"case when {keep} then f.lower_95 else {lower} end as shown_lower, "
        f"case when {keep} then f.upper_95 else {upper} end as shown_upper"
    )


def figures(source: str) -> str:
    """The controlled `indicator_values`: the inner columns, nulls where nothing may be shown, and two columns that say why."""
    shown = "not hidden and tail is null"
    return f"""
select indicator, period, level, entity, stage, subgroup,
  case when {shown} then shown_numerator end as numerator,
  case when not hidden then shown_denominator end as denominator,
  case when not ({shown}) then null
    when is_rounded then cast(shown_numerator as double) / shown_denominator else value end as value,
  unit,
  case when {shown} then shown_lower end as lower_95,
  case when {shown} then shown_upper end as upper_95,
  target, target_id,
  case when hidden then 'suppressed' else status end as status,
  method, figure_id, tail as value_text_rule, is_rounded and not hidden as rounded
from {source}"""


def counted(source: str) -> str:
    """The cells that count pupils, with their true numbers, for complementary suppression."""
    return f"""
select indicator, period, level, entity, stage, subgroup, numerator, denominator, per_pupil, over_pupils, is_share, hidden
from {source} where per_pupil or over_pupils order by figure_id"""


def complement(source: str, keys: str, key: list[str]) -> str:
    """The cells with those of the given keys hidden as well; nothing tells them from the others."""
    return f"""
select c.* replace (c.hidden or k.indicator is not null as hidden, case when k.indicator is null then c.tail end as tail)
from {source} as c left join {keys} as k on {" and ".join(f"k.{name} = c.{name}" for name in key)}"""


def _count(column: str, limits: Thresholds, *, public: bool) -> str:
    """A count of pupils outside the figures; zero here means that there is nothing, and may be said."""
    if public:
        return (
            f"case when {column} = 0 then 0 when {column} >= {max(limits.smallest_count, limits.minimum_pupils)} "
            f"then {_rounded(column, limits)} end"
        )
    return f"case when {column} = 0 or {column} >= {limits.minimum_pupils} then {column} end"


def schools(limits: Thresholds, *, public: bool) -> str:
    """The schools with their number of pupils controlled."""
    own = "f.level = 'school' and f.entity = schools.school and left(f.period, 9) = schools.period"
    pupils = f"case when {_secret('schools.pupils', own)} then null else {_count('pupils', limits, public=public)} end as pupils"
    return f"select {', '.join(pupils if c == 'pupils' else c for c in SCHOOL_COLUMNS)} from schools"


def _secret(number: str, place: str) -> str:
    """Whether a number outside the figures is one that a hidden whole of that place would show, and no other whole shows."""
    wholes = f"from cells as f where {place} and f.subgroup = 'all' and f.per_pupil and f.denominator = {number}"
    return f"(exists (select 1 {wholes} and f.hidden) and not exists (select 1 {wholes} and not f.hidden))"


def _feed_count(column: str, limits: Thresholds, *, public: bool) -> str:
    feeds = ", ".join(f"'{feed}'" for feed in limits.pupil_feeds)
    return f"case when feed in ({feeds}) then {_count(column, limits, public=public)} else {column} end as {column}"


def coverage(limits: Thresholds, *, public: bool) -> str:
    """Expected and received schools, with row counts of pupil feeds controlled."""
    counted = ("rows_accepted", "rows_rejected", "rows_unlinked")
    own = "f.level = 'county' and f.entity = coverage.county and left(f.period, 9) = left(coverage.period, 9)"
    secret = _secret("coverage.rows_accepted", own)
    controlled = ", ".join(_feed_count(c, limits, public=public) for c in counted)
    return f"""
select feed, period, county, schools_expected, schools_received, {controlled}
from (select * replace (case when {secret} then null else rows_accepted end as rows_accepted) from coverage)"""


def deliveries(limits: Thresholds, *, public: bool) -> str:
    """How many parts and rows came, by feed, period, county and state: no file, no school."""
    counted = ("rows_read", "rows_accepted", "rows_rejected", "rows_not_data")
    sums = ", ".join(f"cast(sum(coalesce(p.{c}, 0)) as bigint) as {c}" for c in counted)
    controlled = ", ".join(_feed_count(c, limits, public=public) for c in counted)
    return f"""
with known as (select school, arg_max(county, period) as county from schools group by school)
select * replace ({controlled}) from (
  select p.feed, p.period, k.county, p.state, count(*) as parts, {sums}
  from delivery_parts as p left join known as k on k.school = p.school group by all)"""


# Columns of the tables about schools and counties. What stands here passes the border, what the marts gain later stays behind.
ASSESSMENT_COLUMNS = (
    "period", "county", "school", "stage", "l1", "l2", "l3", "l4", "l5", "l6", "l7",
    "indicators_met", "shortfall_ok", "meets_rule", "excluded_reason", "indicators_missing",
)  # fmt: skip


def assessment(limits: Thresholds, *, public: bool) -> str:
    """School by school for the bureau itself; nobody ranks schools in public. A stage of 1 to 9 pupils keeps its verdict, not its figures."""
    secret = _resources_hidden("school", "a.school", "a")
    guarded = [
        f"case when coalesce(pupils, 0) = 0 or pupils >= {limits.minimum_pupils} and not {secret} then {c} end as {c}"
        if c in {f"l{n}" for n in range(1, 8)}
        else c
        for c in ASSESSMENT_COLUMNS
    ]
    pupils = f"case when not {secret} then {_count('pupils', limits, public=public)} end as pupils"
    return f"select {', '.join(guarded)}, {pupils} from school_assessment as a{' where false' if public else ''}"


def _resources_hidden(level: str, entity: str, row: str) -> str:
    """Whether a figure of resources per pupil of that place and stage is hidden: its number of pupils is then hidden everywhere."""
    return (
        f"exists (select 1 from cells as f where f.over_pupils and f.hidden and f.level = '{level}' and f.entity = {entity}"
        f" and f.period = {row}.period and f.stage = {row}.stage)"
    )


def gaps(limits: Thresholds, *, public: bool) -> str:
    """What schools lack: theirs and the bureau's business."""
    return f"""
select g.period, g.county, g.school, g.stage, g.indicator, g.value, g.target, g.kind, g.lacking, g.figure_id
from school_gaps as g join school_assessment as a on a.period = g.period and a.school = g.school and a.stage = g.stage
where a.pupils >= {limits.minimum_pupils} and not exists (select 1 from cells as f where f.figure_id = g.figure_id and f.hidden)
{"and false" if public else ""}"""


def additions(*, public: bool) -> str:
    """Where a county has to add: by school for the bureau."""
    columns = "period, county, stage, indicator, school, addition, county_addition"
    return f"select {columns} from county_additions{' where false' if public else ''}"


def variation(limits: Thresholds, *, public: bool) -> str:
    """Variation between schools; in public none of an area with fewer schools than the rule asks, where each could work out the others."""
    columns = "period, county, stage, indicator, schools, mean, sd, cv, cv_limit, cv_met, schools_meeting"
    secret = _resources_hidden("county", "v.county", "v")
    pupils = f"case when not {secret} then {_count('pupils', limits, public=public)} end"
    few = f" where schools >= {limits.minimum_schools}" if public else ""
    return f"select {columns}, {pupils} as pupils from county_variation as v{few}"


VERDICT = """
select period, county, gate, items_met, items_total, met, missing, status, schools_failing, schools_unknown
from county_verdict"""


CERTIFICATION = "select period, county, level, outcome, decided_on, document_no, passed_on from certification_states"


def commitments(limits: Thresholds, *, public: bool) -> str:
    """How promises stand. A number that is a figure passes as that figure's cell does; a reported one only from enough counted; schools stay inside."""
    columns = (
        "commitment, source_file, clause, quote, jurisdiction, jurisdiction_name, entity, entity_level, period, route, indicator, "
        "operator, target, threshold_source, due_on, figure_id, unit, compared"
    )
    own = "numerator, denominator" if not public else "null as numerator, null as denominator"
    hidden = "f.figure_id is not null and f.status = 'suppressed'"
    small = f"coalesce(c.denominator, {limits.minimum_pupils}) < {limits.minimum_pupils}"
    few = f"c.route = 'reported' and c.asked_of = 'student' and f.figure_id is null and {small} and coalesce(c.evidence, '') not like '%/%'"
    return f"""
select {", ".join(f"c.{name.strip()}" for name in columns.split(","))},
  case when {few} or {hidden} then null when f.figure_id is not null and c.compared <> 'count' then f.value else c.value end as value,
  cast(case when {few} then null when f.figure_id is not null then f.numerator else o.numerator end as bigint) as numerator,
  cast(case when {few} then null when f.figure_id is not null then f.denominator else o.denominator end as bigint) as denominator,
  case when {hidden} or ({few}) then 'suppressed' else c.status end as status,
  c.evidence
from commitments as c
cross join lateral (select {own} from (select c.numerator, c.denominator)) as o
left join ({figures("cells")}) as f on f.figure_id = c.figure_id
{"where c.entity_level <> 'school'" if public else ""}"""


def cases(*, public: bool) -> str:
    """Open and closed cases. A case over a hidden figure would tell its status, so it stays inside; what offices wrote and what schools owe stays inside."""
    texts = ("evidence", "kind_stated", "gap_stated", "last_measure", "office")
    inside = ", ".join(f"cast(null as varchar) as {name}" if public else f"c.{name}" for name in texts)
    return f"""
select c.case_id, c.kind, c.county, c.school, c.indicator, c.stage, c.period, c.last_period, c.figure_id,
  case when f.value is null and c.figure_id is not null then null else c.gap end as gap,
  c.opened_on, c.due_on, c.state, c.closed_on, c.recheck_on, c.measures, c.planned_on, c.last_event_on, c.overdue, {inside}
from cases as c
left join ({figures("cells")}) as f on f.figure_id = c.figure_id
where coalesce(f.status, '') <> 'suppressed'{" and c.school is null" if public else ""}"""


def results_used(*, public: bool) -> str:
    """Praise, interviews, notices: results with consequences."""
    columns = "case_no, kind, county, school, event, happened_on, document_no, case_id"
    return f"select {columns} from results_used{' where school is null' if public else ''}"


def item_documents(*, public: bool) -> str:
    """Documents behind items of the assessment, of counties; their titles are free text and stay inside."""
    title = "cast(null as varchar) as title" if public else "title"
    return f"select period, county, indicator, document_no, {title}, issued_on, finding from item_documents where school is null"

-- Grain: case event, corrections applied: with its county, the evidence of a closing, the day a re-check passed or failed, and
-- what its case number is about: the first of its events that names an indicator says it for all.
with events as (
    select
        e.*,
        coalesce(s.county, e.county, '') as owner,
        case when e.school is not null then 'school' else 'county' end as level,
        coalesce(e.school, e.county) as entity,
        -- a re-check told with another event needs its date; an event of re-checking has its own
        coalesce(e.recheck_on, case when e.event = 'recheck' then e.happened_on end) as rechecked_on,
        cast(e.happened_on as {{ dbt.type_string() }}) || '|' || e.case_no || '|' || e.event || '|' || e.period as place
    from {{ ref('int_case_event_current') }} as e
    left join {{ ref('int_schools') }} as s on e.period = s.school_year and e.school = s.school
),

subjects as (
    select
        case_no,
        owner,
        level,
        entity,
        indicator,
        happened_on,
        row_number() over (partition by case_no, owner order by place asc) as nth
    from events
    where indicator is not null
)

select
    e.case_no,
    e.owner,
    e.event,
    e.happened_on,
    e.period,
    e.place,
    e.kind,
    e.school,
    e.indicator,
    e.gap_stated,
    e.measure,
    e.office,
    e.planned_on,
    {{ told_evidence('e.document_no') }} as document_no,
    e.rechecked_on,
    case when e.event = 'close' then coalesce({{ told_evidence('e.closing_evidence') }}, {{ told_evidence('e.document_no') }}) end as evidence,
    case when e.recheck_result = 'passed' then e.rechecked_on end as passed_on,
    case when e.recheck_result = 'failed' then e.rechecked_on end as failed_on,
    s.level as about_level,
    s.entity as about_entity,
    s.indicator as about_indicator,
    s.happened_on as about_on
from events as e
left join subjects as s on e.case_no = s.case_no and e.owner = s.owner and s.nth = 1

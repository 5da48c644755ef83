-- Grain: case (台账). A failing figure of a school or county opens one by rule, the bureau may open its own. closed only by a
-- closing with evidence and a passed re-check on or after it; reopened by an event, or by a figure that fails after the re-check.
with horizon as (
    -- how far the data reach: the last event, or the beginning of the last period with figures
    select max(reached_on) as reached_on
    from (
        select max(happened_on) as reached_on from {{ ref('int_case_events') }}
        union all
        select max(c.covers_from) as reached_on
        from {{ ref('calendar') }} as c
        inner join (select distinct period from {{ ref('indicator_values') }}) as p on c.period = p.period
    ) as reached
),

judged as (
    select
        h.*,
        case
            when t.valid_to < cast('9999-12-31' as date) and t.valid_to >= h.opened_on then t.valid_to
            when h.figure_id is null and e.planned_on is not null then e.planned_on
            else following.covers_to
        end as due_on,
        case
            when
                not e.undone and e.proven_on is not null
                and (h.last_failed_on is null or e.proven_on >= h.last_failed_on)
                then 'closed'
            when e.reopened or e.first_proven_on < h.last_failed_on then 'reopened'
            when e.measures > 0 then 'rectifying'
            else 'open'
        end as state,
        e.last_close,
        e.evidence,
        e.rechecked_on,
        e.kind_stated,
        e.gap_stated,
        e.measures,
        e.last_measure,
        e.office,
        e.planned_on,
        e.last_event_on
    from {{ ref('int_case_heads') }} as h
    left join {{ ref('int_case_states') }} as e on h.case_id = e.case_id
    left join {{ ref('targets_seed') }} as t on h.target_id = t.target_id
    left join {{ ref('calendar') }} as y
        on y.period_type = 'year' and h.opened_on >= y.covers_from and h.opened_on <= y.covers_to
    left join {{ ref('calendar') }} as following
        on
            following.period_type = 'year'
            and extract(year from following.covers_from) = extract(year from y.covers_from) + 1
)

select
    j.case_id,
    j.kind,
    j.county,
    j.school,
    j.indicator,
    j.stage,
    j.period,
    j.last_period,
    j.figure_id,
    j.gap,
    j.gap_stated,
    j.opened_on,
    j.due_on,
    j.state,
    case when j.state = 'closed' then j.last_close end as closed_on,
    j.evidence,
    j.rechecked_on as recheck_on,
    j.kind_stated,
    cast(coalesce(j.measures, 0) as integer) as measures,
    j.last_measure,
    j.office,
    j.planned_on,
    j.last_event_on,
    coalesce(case when j.state = 'closed' then j.last_close else h.reached_on end > j.due_on, false) as overdue
from judged as j
cross join horizon as h

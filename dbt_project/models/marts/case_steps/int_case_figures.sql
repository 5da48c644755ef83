-- Grain: run of failing periods, with the case it belongs to and the life of that case. A run opens a case of its own, unless
-- a case of the same figure had been closed before with evidence and a passed re-check: then it reopens the last one.
with series_events as (
    select
        r.indicator,
        r.level,
        r.entity,
        r.stage,
        e.happened_on,
        e.evidence,
        e.passed_on
    from {{ ref('int_case_runs') }} as r
    inner join {{ ref('int_case_events') }} as e on r.run_id = e.case_no
    union all
    select
        r.indicator,
        r.level,
        r.entity,
        r.stage,
        e.happened_on,
        e.evidence,
        e.passed_on
    from {{ ref('int_case_runs') }} as r
    inner join {{ ref('int_case_events') }} as e
        on r.level = e.about_level and r.entity = e.about_entity and r.indicator = e.about_indicator
    where r.run = 1
),

first_closing as (
    select
        r.indicator,
        r.level,
        r.entity,
        r.stage,
        min(e.happened_on) as closed_on
    from {{ ref('int_case_runs') }} as r
    inner join series_events as e
        on r.indicator = e.indicator and r.level = e.level and r.entity = e.entity and r.stage = e.stage
    where r.run = 1 and e.evidence is not null and e.happened_on >= r.opened_on
    group by r.indicator, r.level, r.entity, r.stage
),

proven as (
    select
        c.indicator,
        c.level,
        c.entity,
        c.stage,
        min(e.passed_on) as proven_on
    from first_closing as c
    inner join series_events as e
        on c.indicator = e.indicator and c.level = e.level and c.entity = e.entity and c.stage = e.stage
    where e.passed_on >= c.closed_on
    group by c.indicator, c.level, c.entity, c.stage
),

placed as (
    select
        r.*,
        max(case when p.proven_on is null or r.opened_on <= p.proven_on then r.run end) over (
            partition by r.indicator, r.level, r.entity, r.stage
        ) as last_own
    from {{ ref('int_case_runs') }} as r
    left join proven as p
        on r.indicator = p.indicator and r.level = p.level and r.entity = p.entity and r.stage = p.stage
)

select
    *,
    case
        when run <= last_own then run_id
        else max(case when run = last_own then run_id end) over (partition by indicator, level, entity, stage)
    end as case_id,
    -- of the first case also what happened before the reference date of its first period
    case when run = 1 then starts_on else opened_on end as life_from,
    case
        when run < last_own
            then lead(opened_on) over (partition by indicator, level, entity, stage order by run asc)
    end as life_to
from placed

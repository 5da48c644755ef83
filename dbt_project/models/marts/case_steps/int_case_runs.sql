-- Grain: indicator x level x entity x stage x run: consecutive periods in which the figure of a school or a county fails.
-- A run ends where the figure is shown and does not fail; a period without a figure, not reported or not distinguishable ends
-- nothing. A compulsory figure that fails with its primary or junior part is that part's failure, not another.
with parts as (
    select distinct
        indicator,
        period,
        level,
        entity
    from {{ ref('indicator_values') }}
    where subgroup = 'all' and status = 'not_met' and stage in ('primary', 'junior')
),

told as (
    select
        v.indicator,
        v.level,
        v.entity,
        v.stage,
        v.period,
        v.value - v.target as gap,
        v.target_id,
        v.figure_id,
        c.reference_date,
        c.covers_from,
        v.status = 'not_met' as failed,
        lag(v.status = 'not_met') over (
            partition by v.indicator, v.level, v.entity, v.stage order by c.reference_date asc
        ) as failed_before
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('calendar') }} as c on v.period = c.period
    left join parts as p
        on
            v.stage = 'compulsory'
            and v.status = 'not_met'
            and v.indicator = p.indicator
            and v.period = p.period
            and v.level = p.level
            and v.entity = p.entity
    where
        v.subgroup = 'all'
        and v.level in ('school', 'county')
        and v.status in ('met', 'not_met', 'waived', 'not_applicable')
        and p.indicator is null
),

numbered as (
    select
        *,
        sum(case when failed and not coalesce(failed_before, false) then 1 else 0 end) over (
            partition by indicator, level, entity, stage order by reference_date asc
        ) as run
    from told
)

select
    indicator,
    level,
    entity,
    stage,
    cast(run as integer) as run,
    indicator || '.' || entity || '.' || stage || '.' || min(period) as run_id,
    min(period) as first_period,
    max(period) as last_period,
    min(covers_from) as starts_on,
    min(reference_date) as opened_on,
    max(reference_date) as last_failed_on,
    {{ latest_value('gap', 'reference_date') }} as gap,
    {{ latest_value('target_id', 'reference_date') }} as target_id,
    {{ latest_value('figure_id', 'reference_date') }} as figure_id
from numbered
where failed
group by indicator, level, entity, stage, run

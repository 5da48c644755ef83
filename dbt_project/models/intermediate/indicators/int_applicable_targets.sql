-- Grain: indicator x period x area x stage that has a target: the nearest jurisdiction wins, then the target for the very
-- stage, then the younger one. A target applies when the period's reference date lies within its dates.
with recursive chain as (
    select
        area,
        area as jurisdiction,
        parent,
        0 as distance
    from {{ ref('areas') }}
    union all
    select
        c.area,
        a.area as jurisdiction,
        a.parent,
        c.distance + 1 as distance
    from chain as c
    inner join {{ ref('areas') }} as a on c.parent = a.area
    where c.distance < 5
),

reach as (
    select
        area,
        jurisdiction,
        distance
    from chain
    union all
    select
        area,
        '000000' as jurisdiction,
        9 as distance
    from {{ ref('areas') }}
),

candidates as (
    select
        t.indicator,
        p.period,
        r.area,
        s.stage,
        t.level,
        t.target_id,
        t.operator,
        t.value,
        row_number() over (
            partition by t.indicator, p.period, r.area, s.stage
            order by r.distance asc, case when t.stage = s.stage then 0 else 1 end, t.valid_from desc, t.target_id asc
        ) as place
    from {{ ref('targets_seed') }} as t
    inner join {{ ref('indicators_seed') }} as i on t.indicator = i.code
    inner join (
        select distinct
            indicator,
            period
        from {{ ref('int_figures_school') }}
        union
        select
            indicator,
            period
        from {{ ref('int_county_counts') }}
    ) as p on t.indicator = p.indicator
    inner join {{ ref('calendar') }} as c
        on p.period = c.period and t.valid_from <= c.reference_date and t.valid_to >= c.reference_date
    inner join reach as r on t.jurisdiction = r.jurisdiction
    inner join (select distinct reported_as as stage from {{ ref('stages') }}) as s
        on t.stage in ('all', s.stage)
)

select
    indicator,
    period,
    area,
    stage,
    level,
    target_id,
    operator,
    cast(value as double) as target,
    cast(value * 1000000 as bigint) as target_e6
from candidates
where place = 1

-- Grain: commitment x period x entity with a computed figure: several figures as one conjunction. The worst decides and is shown;
-- two readings that disagree settle nothing; a figure that is asked and absent is not reported, except of stages a school has not.
with ranked as (
    select
        f.*,
        row_number() over (
            partition by f.commitment, f.period, f.entity
            order by {{ severity('f.status_shown') }} desc, f.part asc
        ) as place
    from {{ ref('int_commitment_figures') }} as f
),

asked as (
    select
        commitment,
        stage,
        sum(case when optional then 0 else 1 end) as parts
    from {{ ref('int_commitment_parts') }}
    where route = 'computed'
    group by commitment, stage
),

asked_in_all as (
    select
        commitment,
        sum(parts) as parts
    from asked
    group by commitment
),

present as (
    select
        commitment,
        period,
        level,
        entity,
        stage,
        sum(case when optional then 0 else 1 end) as parts
    from ranked
    group by commitment, period, level, entity, stage
),

absent as (
    select
        p.commitment,
        p.period,
        p.entity
    from present as p
    inner join asked as a on p.commitment = a.commitment and p.stage = a.stage
    where p.level = 'school'
    group by p.commitment, p.period, p.entity
    having sum(p.parts) < sum(a.parts)
    union all
    select
        p.commitment,
        p.period,
        p.entity
    from present as p
    inner join asked_in_all as a on p.commitment = a.commitment
    where p.level <> 'school'
    group by p.commitment, p.period, p.entity
    having sum(p.parts) < max(a.parts)
),

together as (
    select
        commitment,
        period,
        entity,
        max({{ severity('status_shown') }}) as worst,
        min({{ severity('status_shown') }}) as best,
        max(case when compared = 'reading' then 1 else 0 end) as is_reading,
        {{ listed_items('evidence', 'part') }} as evidence
    from ranked
    group by commitment, period, entity
)

select
    r.commitment,
    r.period,
    r.level as entity_level,
    r.entity,
    r.indicator,
    r.value,
    r.numerator,
    r.denominator,
    r.operator,
    r.target,
    r.figure_id,
    r.unit,
    r.compared,
    t.evidence,
    case
        when t.is_reading = 1 and t.best = 1 and t.worst = 6 then 'not_distinguishable'
        when t.worst < 5 and a.commitment is not null then 'not_reported'
        else {{ status_of('t.worst') }}
    end as status
from ranked as r
inner join together as t on r.commitment = t.commitment and r.period = t.period and r.entity = t.entity
left join absent as a on r.commitment = a.commitment and r.period = a.period and r.entity = a.entity
where r.place = 1

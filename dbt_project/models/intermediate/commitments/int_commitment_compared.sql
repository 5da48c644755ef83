-- Grain: commitment x part x period x entity (school, county, city) with a figure that answers it: the figure beside the target of the
-- commitment and beside the figure of the year before. The autumn's figure stands for the school year where a commitment asks so.
with asked as (
    select distinct
        indicator,
        stage,
        subgroup
    from {{ ref('int_commitment_parts') }}
    where route = 'computed' and indicator is not null
),

-- the few figures that are asked for: what follows reads them twice
answering as (
    select v.*
    from {{ ref('indicator_values') }} as v
    inner join asked as a on v.indicator = a.indicator and v.stage = a.stage and v.subgroup = a.subgroup
)

select
    p.commitment,
    p.part,
    p.stage,
    p.compared,
    p.operator,
    p.due_on,
    p.judged_at,
    p.indicator,
    p.target,
    p.optional,
    case when p.reads = 'autumn' then substr(v.period, 1, 9) else v.period end as period,
    v.level,
    v.entity,
    v.numerator,
    v.denominator,
    v.value,
    v.lower_95,
    v.upper_95,
    v.figure_id,
    v.unit,
    v.status = 'not_reported' as silent,
    b.value as before,
    coalesce(b.lower_95, b.value) as before_lower,
    coalesce(b.upper_95, b.value) as before_upper
from {{ ref('int_commitment_parts') }} as p
inner join answering as v
    on p.indicator = v.indicator and p.stage = v.stage and p.subgroup = v.subgroup
left join answering as b
    on
        p.compared = 'change'
        and v.indicator = b.indicator
        and v.level = b.level
        and v.entity = b.entity
        and v.stage = b.stage
        and v.subgroup = b.subgroup
        and {{ year_before('v.period') }} = b.period
where
    p.route = 'computed'
    and (p.reads <> 'autumn' or substr(v.period, 10) = '-1')
    and (v.level <> 'school' or p.asked_of in ('school', 'class', 'student') or p.judged_at = 'school')

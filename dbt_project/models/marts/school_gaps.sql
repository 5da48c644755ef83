-- Grain: school year x assessed school x stage x resource indicator that is below its line or just above it: what the school
-- lacks to reach the line (teachers, m2, yuan, rooms). near: at the line, but by less than near_line_e2 per cent of it.
with judged as (
    select
        v.period,
        s.county,
        v.entity as school,
        v.stage,
        v.indicator,
        v.value,
        v.target,
        v.status,
        v.figure_id,
        cast(v.numerator as double) / i.numerator_scale as stock,
        -- rounded before the ceiling: 4.2 x 50 / 100 is 2.1 and not a hair more
        round(v.target * v.denominator / i.per, 6) as needed,
        v.value < v.target * u.resource_shortfall_e2 / 100 as below_shortfall,
        v.value < v.target * u.near_line_e2 / 100 as near_line
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('indicators_seed') }} as i on v.indicator = i.code
    inner join {{ ref('int_rules') }} as u on v.period = u.period
    inner join {{ ref('int_schools') }} as s on v.entity = s.school and v.period = s.school_year
    where
        v.indicator in ('{{ resources().keys() | join("', '") }}')
        and v.level = 'school'
        and v.subgroup = 'all'
        and v.target is not null
)

select
    period,
    county,
    school,
    stage,
    indicator,
    value,
    target,
    case when status = 'met' then 'near' when below_shortfall then 'below_85' else 'failing' end as kind,
    cast(greatest(ceil(round(needed - stock, 6)), 0) as bigint) as lacking,
    figure_id
from judged
where status = 'not_met' or near_line

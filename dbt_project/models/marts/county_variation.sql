-- Grain: school year x county x stage x resource indicator: the coefficient of variation between schools, compared unrounded
-- (0.501787 is above 0.50 though it prints as 0.50), and how many schools reach the indicator's own threshold.
with reached as (
    select
        v.period,
        s.county,
        v.stage,
        v.indicator,
        count(*) as schools_meeting
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('int_schools') }} as s on v.entity = s.school and v.period = s.school_year
    where
        v.indicator in ('{{ resources().keys() | join("', '") }}')
        and v.level = 'school'
        and v.subgroup = 'all'
        and v.status = 'met'
    group by v.period, s.county, v.stage, v.indicator
)

select
    r.period,
    r.county,
    r.stage,
    r.indicator,
    cast(r.schools as bigint) as schools,
    r.pupils,
    r.mean,
    r.sd,
    r.sd / r.mean as cv,
    v.target as cv_limit,
    v.status = 'met' as cv_met,
    cast(coalesce(m.schools_meeting, 0) as bigint) as schools_meeting
from {{ ref('int_resource_variation') }} as r
left join {{ ref('indicator_values') }} as v
    on v.figure_id = r.indicator || '_CV.' || r.period || '.county.' || r.county || '.' || r.stage || '.all'
left join reached as m
    on r.period = m.period and r.county = m.county and r.stage = m.stage and r.indicator = m.indicator
where r.mean > 0

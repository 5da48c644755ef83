-- What is this: counties and cities whose numerator or denominator is not the sum of their schools.
-- When does it matter: the supervisor adds the schools up and finds another number.
-- How to resolve it: a school lies in two counties, or in none while its figures count: look at int_schools.
with areas as (
    select
        v.indicator,
        v.period,
        v.level,
        v.stage,
        v.subgroup,
        sum(v.numerator) as numerator,
        sum(v.denominator) as denominator,
        -- one school that left its item blank takes the figure of the whole area, and with it its numerator
        max(case when i.whole_area and v.status = 'not_reported' then 1 else 0 end) as withheld
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('indicators_seed') }} as i on v.indicator = i.code
    where v.level in ('county', 'city')
    group by v.indicator, v.period, v.level, v.stage, v.subgroup
)

select
    c.indicator,
    c.period,
    c.stage,
    c.subgroup
from areas as c
inner join areas as a
    on
        c.indicator = a.indicator
        and c.period = a.period
        and c.stage = a.stage
        and c.subgroup = a.subgroup
where
    c.level = 'county'
    and a.level = 'city'
    and (
        c.denominator <> a.denominator
        or (c.withheld + a.withheld = 0 and coalesce(c.numerator, 0) <> coalesce(a.numerator, 0))
    )

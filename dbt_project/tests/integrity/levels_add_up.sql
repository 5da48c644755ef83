-- What is this: counties and cities whose numerator or denominator is not the sum of their schools.
-- When does it matter: the supervisor adds the schools up and finds another number.
-- How to resolve it: a school lies in two counties, or in none while its figures count: look at int_schools.
with areas as (
    select
        indicator,
        period,
        level,
        stage,
        subgroup,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('indicator_values') }}
    where level in ('county', 'city')
    group by indicator, period, level, stage, subgroup
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
    and (coalesce(c.numerator, 0) <> coalesce(a.numerator, 0) or c.denominator <> a.denominator)

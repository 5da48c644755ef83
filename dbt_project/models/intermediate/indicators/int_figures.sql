-- Grain: indicator x period x level x entity x stage x subgroup: the one roll-up of every indicator, sums over sums.
-- An area is not reported when none of its schools is; where the assessment asks it of every school, when one is not. Indicators without a school's figure begin at the county.
{{ config(materialized='view') }}
with schools as (
    select
        f.*,
        s.county,
        s.city,
        i.whole_area
    from {{ ref('int_figures_school') }} as f
    inner join {{ ref('indicators_seed') }} as i on f.indicator = i.code
    left join {{ ref('int_schools') }} as s
        on f.school = s.school and substr(f.period, 1, 9) = s.school_year
),

counties as (
    select
        indicator,
        period,
        county,
        city,
        stage,
        subgroup,
        cast(sum(numerator) as bigint) as numerator,
        cast(sum(denominator) as bigint) as denominator,
        case
            when max(case when whole_area then 1 else 0 end) = 1 then min(case when reported then 1 else 0 end)
            else max(case when reported then 1 else 0 end)
        end = 1 as reported,
        max(case when whole_area then 1 else 0 end) = 1 as whole_area
    from schools
    where county is not null
    group by indicator, period, county, city, stage, subgroup
    union all
    select
        c.indicator,
        c.period,
        c.county,
        a.parent as city,
        c.stage,
        'all' as subgroup,
        c.numerator,
        c.denominator,
        c.reported,
        false as whole_area
    from {{ ref('int_county_counts') }} as c
    inner join {{ ref('areas') }} as a on c.county = a.area
)

select
    indicator,
    period,
    'school' as level,
    school as entity,
    county,
    city,
    stage,
    subgroup,
    numerator,
    denominator,
    reported
from schools
union all
select
    indicator,
    period,
    'county' as level,
    county as entity,
    county,
    city,
    stage,
    subgroup,
    numerator,
    denominator,
    reported
from counties
union all
select
    indicator,
    period,
    'city' as level,
    city as entity,
    cast(null as {{ dbt.type_string() }}) as county,
    city,
    stage,
    subgroup,
    cast(sum(numerator) as bigint) as numerator,
    cast(sum(denominator) as bigint) as denominator,
    case
        when max(case when whole_area then 1 else 0 end) = 1 then min(case when reported then 1 else 0 end)
        else max(case when reported then 1 else 0 end)
    end = 1 as reported
from counties
where city is not null
group by indicator, period, city, stage, subgroup

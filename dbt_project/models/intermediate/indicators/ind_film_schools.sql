-- Grain: semester x school with classes. Schools that showed as many different recommended films as a semester asks for; the same
-- film twice is not two. It says nothing about which pupil saw them: that is films_two.
{{ config(materialized='view') }}
with shown as (
    select
        period,
        school,
        count(distinct title_key) as titles
    from {{ ref('int_film_current') }}
    where recommended and title_key <> ''
    group by period, school
),

schools as (
    select distinct
        period,
        school
    from {{ ref('int_film_classes') }}
)

select
    'film_schools' as indicator,
    c.period,
    c.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(case when f.titles >= u.films_per_semester then 1 else 0 end as bigint) as numerator,
    cast(1 as bigint) as denominator
from schools as c
inner join {{ ref('int_schools') }} as s on c.school = s.school and substr(c.period, 1, 9) = s.school_year
inner join {{ ref('int_rules') }} as u on c.period = u.period
left join shown as f on c.period = f.period and c.school = f.school
where s.stage is not null

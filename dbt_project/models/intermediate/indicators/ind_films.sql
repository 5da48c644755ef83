-- Grain: indicator x semester x school x grade. Films seen over the pupils of the classes; pupils at the second most attended film of
-- their class; and by school, whether it showed as many different recommended films as a semester asks for: the same film
-- twice is not two, and it says nothing about which pupil saw them.
{{ config(materialized='view', meta={'indicators': ['films_per_pupil', 'films_two', 'film_schools']}) }}
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

{% for code, counted in {'films_per_pupil': 'films', 'films_two': 'second_film'}.items() %}
select
    '{{ code }}' as indicator,
    f.period,
    f.school,
    g.stage,
    f.grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(f.{{ counted }}) as bigint) as numerator,
    cast(sum(f.pupils) as bigint) as denominator,
    true as reported
from {{ ref('int_film_classes') }} as f
inner join {{ ref('grades') }} as g on f.grade = g.grade
group by f.period, f.school, g.stage, f.grade
union all
{% endfor %}
select
    'film_schools' as indicator,
    c.period,
    c.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(case when f.titles >= u.films_per_semester then 1 else 0 end as bigint) as numerator,
    cast(1 as bigint) as denominator,
    true as reported
from schools as c
inner join {{ ref('int_schools') }} as s on c.school = s.school and substr(c.period, 1, 9) = s.school_year
inner join {{ ref('int_rules') }} as u on c.period = u.period
left join shown as f on c.period = f.period and c.school = f.school
where s.stage is not null

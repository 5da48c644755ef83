-- Grain: semester x school x grade. Pupils at the second most attended film of their class.
{{ config(materialized='view') }}
select
    'films_two' as indicator,
    f.period,
    f.school,
    g.stage,
    f.grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(f.second_film) as bigint) as numerator,
    cast(sum(f.pupils) as bigint) as denominator
from {{ ref('int_film_classes') }} as f
inner join {{ ref('grades') }} as g on f.grade = g.grade
group by f.period, f.school, g.stage, f.grade

-- Grain: semester x school x grade. Films seen, over the pupils of the classes.
{{ config(materialized='view') }}
select
    'films_per_pupil' as indicator,
    f.period,
    f.school,
    g.stage,
    f.grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(f.films) as bigint) as numerator,
    cast(sum(f.pupils) as bigint) as denominator
from {{ ref('int_film_classes') }} as f
inner join {{ ref('grades') }} as g on f.grade = g.grade
group by f.period, f.school, g.stage, f.grade

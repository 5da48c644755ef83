-- Grain: school year x school x grade x sex. The exempt are out of both.
{{ config(materialized='view') }}
select
    'fitness_coverage' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.tested as bigint) as numerator,
    cast(n.not_exempt as bigint) as denominator
from {{ ref('int_year_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

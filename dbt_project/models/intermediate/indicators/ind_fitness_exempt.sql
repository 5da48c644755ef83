-- Grain: school year x school x grade x sex. Exempt from the standard, over all accountable pupils.
{{ config(materialized='view') }}
select
    'fitness_exempt' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.pupils - n.not_exempt as bigint) as numerator,
    cast(n.pupils as bigint) as denominator
from {{ ref('int_year_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

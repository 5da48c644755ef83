-- Grain: school year x school x grade x sex. Examined at least once in the year.
{{ config(materialized='view') }}
select
    'exam_coverage' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.examined as bigint) as numerator,
    cast(n.pupils as bigint) as denominator
from {{ ref('int_year_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

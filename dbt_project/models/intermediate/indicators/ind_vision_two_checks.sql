-- Grain: semester x school x grade x sex. Pupils who came during the semester are out of both.
{{ config(materialized='view') }}
select
    'vision_two_checks' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.checked_enough as bigint) as numerator,
    cast(n.full_pupils as bigint) as denominator
from {{ ref('int_semester_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

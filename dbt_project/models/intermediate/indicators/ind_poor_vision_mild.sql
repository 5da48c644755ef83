-- Grain: semester x school x grade x sex. Same pupils as poor_vision.
{{ config(materialized='view') }}
select
    'poor_vision_mild' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.mild as bigint) as numerator,
    cast(n.classed as bigint) as denominator
from {{ ref('int_semester_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

-- Grain: semester x school x grade x sex. The last complete check decides; ortho-K is myopic.
{{ config(materialized='view') }}
select
    'screening_myopia' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.myopic as bigint) as numerator,
    cast(n.screened as bigint) as denominator
from {{ ref('int_semester_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

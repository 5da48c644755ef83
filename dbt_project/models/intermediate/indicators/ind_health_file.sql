-- Grain: school year x school x grade x sex. An examination and a counted vision check.
{{ config(materialized='view') }}
select
    'health_file' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.with_file as bigint) as numerator,
    cast(n.pupils as bigint) as denominator
from {{ ref('int_year_counts') }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade

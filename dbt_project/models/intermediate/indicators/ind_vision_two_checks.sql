-- Grain: period x school x stage x grade x sex. Pupils who came during the semester are out of both.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
select
    'vision_two_checks' as indicator,
    p.period,
    p.school,
    g.stage,
    p.grade,
    p.sex,
    cast(sum(case when p.checked_enough then 1 else 0 end) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_pupil_semester') }} as p
inner join {{ ref('grades') }} as g on p.grade = g.grade
where {{ touched('p.period') }} and p.is_full
group by p.period, p.school, g.stage, p.grade, p.sex

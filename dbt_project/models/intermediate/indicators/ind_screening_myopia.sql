-- Grain: period x school x stage x grade x sex. The last complete check decides; ortho-K is myopic.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
select
    'screening_myopia' as indicator,
    p.period,
    p.school,
    g.stage,
    p.grade,
    p.sex,
    cast(sum(p.myopic) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_pupil_semester') }} as p
inner join {{ ref('grades') }} as g on p.grade = g.grade
where {{ touched('p.period') }} and p.myopic is not null
group by p.period, p.school, g.stage, p.grade, p.sex

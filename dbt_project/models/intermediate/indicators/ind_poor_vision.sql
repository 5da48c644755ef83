-- Grain: period x school x stage x grade x sex. The worse eye of the last classed check decides.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
select
    'poor_vision' as indicator,
    p.period,
    p.school,
    g.stage,
    p.grade,
    p.sex,
    cast(sum(case when p.worse_eye < p.good_va then 1 else 0 end) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_pupil_semester') }} as p
inner join {{ ref('grades') }} as g on p.grade = g.grade
where {{ touched('p.period') }} and p.worse_eye is not null
group by p.period, p.school, g.stage, p.grade, p.sex

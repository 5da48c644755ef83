-- Grain: semester x accountable pupil, with what the vision figures ask about.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
select
    p.period,
    p.school,
    p.grade,
    p.sex,
    p.is_full,
    coalesce(v.checks >= c.checks_wanted, false) as checked_enough,
    v.worse_eye,
    v.myopic,
    c.good_va,
    c.mild_va,
    c.moderate_va
from {{ ref('int_pupils') }} as p
inner join {{ ref('int_rules') }} as c on p.period = c.period
left join {{ ref('int_vision_by_pupil') }} as v on p.period = v.period and p.pupil = v.pupil
where p.answers and {{ touched('p.period') }}

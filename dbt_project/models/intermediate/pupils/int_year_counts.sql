-- Grain: school year x school x grade x sex: how many pupils accountable on the autumn reference date, how many of them were
-- examined, tested, exempt, and have a health file (an examination and a counted vision check in either semester).
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check', 'physical_exam', 'fitness_test'], 'period_grain': 'year'}
) }}
with pupils as (
    select
        substr(period, 1, 9) as period,
        pupil,
        school,
        grade,
        sex
    from {{ ref('int_pupils') }}
    where answers and substr(period, 10) = '-1' and {{ touched('substr(period, 1, 9)') }}
),

checked as (
    select distinct
        substr(period, 1, 9) as period,
        pupil
    from {{ ref('int_vision_by_pupil') }}
    where checks > 0 and {{ touched('substr(period, 1, 9)') }}
)

select
    p.period,
    p.school,
    p.grade,
    p.sex,
    count(*) as pupils,
    sum(case when e.pupil is not null then 1 else 0 end) as examined,
    sum(case when e.pupil is not null and v.pupil is not null then 1 else 0 end) as with_file,
    sum(case when coalesce(f.exempt, false) then 0 else 1 end) as not_exempt,
    sum(case when coalesce(f.exempt, false) then 1 else 0 end) as exempt,
    sum(case when f.tested and not f.exempt then 1 else 0 end) as tested
from pupils as p
left join {{ ref('int_exam_by_pupil') }} as e on p.period = e.period and p.pupil = e.pupil
left join {{ ref('int_fitness_by_pupil') }} as f on p.period = f.period and p.pupil = f.pupil
left join checked as v on p.period = v.period and p.pupil = v.pupil
group by p.period, p.school, p.grade, p.sex

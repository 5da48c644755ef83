-- Grain: school year x school x grade x sex: pupils accountable on the autumn reference date whom an examination classes by
-- BMI, by height, by teeth and by spine, and how many of them fall into each class. Who is in no class is in no denominator;
-- examined are all of them, with_pressure those whose blood pressure was measured.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'physical_exam'], 'period_grain': 'year'}
) }}
select
    e.period,
    p.school,
    p.grade,
    p.sex,
    sum(case when e.bmi_class is not null then 1 else 0 end) as weighed,
    sum(case when e.bmi_class in ('thin_mild', 'thin_moderate_severe') then 1 else 0 end) as thin,
    sum(case when e.bmi_class = 'overweight' then 1 else 0 end) as overweight,
    sum(case when e.bmi_class = 'obese' then 1 else 0 end) as obese,
    sum(case when e.stunted is not null then 1 else 0 end) as measured,
    sum(case when e.stunted then 1 else 0 end) as stunted,
    sum(case when e.caries is not null then 1 else 0 end) as teeth_seen,
    sum(case when e.caries then 1 else 0 end) as with_caries,
    sum(case when e.spine_bent is not null then 1 else 0 end) as spine_seen,
    sum(case when e.spine_bent then 1 else 0 end) as spine_bent,
    count(*) as examined,
    sum(case when e.pressure_measured then 1 else 0 end) as with_pressure
from {{ ref('int_exam_by_pupil') }} as e
inner join {{ ref('int_pupils') }} as p on e.period || '-1' = p.period and e.pupil = p.pupil
where p.answers and {{ touched('e.period') }}
group by e.period, p.school, p.grade, p.sex

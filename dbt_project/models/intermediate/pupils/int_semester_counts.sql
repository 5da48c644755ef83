-- Grain: semester x school x grade x sex: how many accountable pupils, and how many of each outcome of the vision checks;
-- at the end how many have it in each of the two rounds, whoever was seen in that round or seen in both.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
select
    p.period,
    p.school,
    p.grade,
    p.sex,
    count(*) as pupils,
    sum(case when p.is_full then 1 else 0 end) as full_pupils,
    sum(case when p.is_full and v.checks >= c.checks_wanted then 1 else 0 end) as checked_enough,
    sum(case when v.worse_eye is not null then 1 else 0 end) as classed,
    sum(case when v.worse_eye < c.good_va then 1 else 0 end) as poor,
    sum(case when v.worse_eye < c.good_va and v.worse_eye >= c.mild_va then 1 else 0 end) as mild,
    sum(case when v.worse_eye < c.mild_va and v.worse_eye >= c.moderate_va then 1 else 0 end) as moderate,
    sum(case when v.worse_eye < c.moderate_va then 1 else 0 end) as severe,
    sum(case when v.myopic is not null then 1 else 0 end) as screened,
    sum(case when v.myopic = 1 then 1 else 0 end) as myopic,
    sum(case when v.ortho_k = 1 then 1 else 0 end) as ortho_k,
    sum(case when v.six then 1 else 0 end) as screened_six,
    sum(case when v.six and v.myopic = 1 then 1 else 0 end) as myopic_six,
    {{ seen_twice('poor', 'v.first_eye', 'v.second_eye', 'v.first_eye < c.good_va', 'v.second_eye < c.good_va') }},
    {{ seen_twice('myopic', 'v.first_myopic', 'v.second_myopic', 'v.first_myopic = 1', 'v.second_myopic = 1') }}
from {{ ref('int_pupils') }} as p
inner join {{ ref('int_rules') }} as c on p.period = c.period
left join {{ ref('int_vision_by_pupil') }} as v on p.period = v.period and p.pupil = v.pupil
where p.answers and {{ touched('p.period') }}
group by p.period, p.school, p.grade, p.sex

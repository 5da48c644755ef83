-- Grain: school year x school x grade x sex: pupils accountable on the autumn reference date, and how many of them are exempt,
-- have a total and reach each level, fall into each BMI band, and have a score of each item, with the sum of those scores.
-- Who is exempt is in none of the others; who has no total is neither passed nor failed.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'fitness_test'], 'period_grain': 'year'}
) }}
select
    f.period,
    p.school,
    p.grade,
    p.sex,
    sum(case when f.total_e1 is not null then 1 else 0 end) as judged,
    {%- for level in ['pass', 'good', 'excellent'] %}
    sum(case when {{ fitness_reaches('f.total_e1', 'u', level) }} then 1 else 0 end) as reached_{{ level }},
    {%- endfor %}
    sum(case when f.bmi_class is not null then 1 else 0 end) as weighed,
    {%- for band in ['normal', 'thin', 'overweight', 'obese'] %}
    sum(case when f.bmi_class = '{{ band }}' then 1 else 0 end) as bmi_{{ band }},
    {%- endfor %}
    {%- for item in fitness_items() %}
    sum(case when f.score_{{ item }} is not null then 1 else 0 end) as with_{{ item }},
    sum(coalesce(f.score_{{ item }}, 0)) as sum_{{ item }},
    {%- endfor %}
    sum(case when f.status = 'exempt' then 1 else 0 end) as exempt
from {{ ref('int_fitness_by_pupil') }} as f
inner join {{ ref('int_pupils') }} as p on f.period || '-1' = p.period and f.pupil = p.pupil
inner join {{ ref('int_rules') }} as u on p.period = u.period
where p.answers and {{ touched('f.period') }}
group by f.period, p.school, p.grade, p.sex

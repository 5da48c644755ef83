-- Grain: semester x school x grade x sex: accountable pupils with an outcome in this semester and in the same semester of the
-- school year before, wherever they were then, and how many had it then, have it now, or have it newly.
-- Two semesters judged by different rules are not compared.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
with earlier as (
    select
        c.period,
        b.period as period_before,
        r.good_va
    from {{ ref('calendar') }} as c
    inner join {{ ref('calendar') }} as b
        on c.semester = b.semester and extract(year from c.covers_from) = extract(year from b.covers_from) + 1
    inner join {{ ref('int_rules') }} as r on c.period = r.period
    inner join {{ ref('int_rules') }} as q
        on
            b.period = q.period
            and r.good_va = q.good_va
            and r.myopia_limit = q.myopia_limit
            and r.minimum_age = q.minimum_age
)

select
    p.period,
    p.school,
    p.grade,
    p.sex,
    sum(case when b.worse_eye is not null and v.worse_eye is not null then 1 else 0 end) as poor_of,
    sum(case when b.worse_eye < e.good_va and v.worse_eye is not null then 1 else 0 end) as poor_before,
    sum(case when b.worse_eye is not null and v.worse_eye < e.good_va then 1 else 0 end) as poor_now,
    sum(case when b.worse_eye >= e.good_va and v.worse_eye is not null then 1 else 0 end) as poor_new_of,
    sum(case when b.worse_eye >= e.good_va and v.worse_eye < e.good_va then 1 else 0 end) as poor_new,
    sum(case when b.myopic is not null and v.myopic is not null then 1 else 0 end) as myopic_of,
    sum(case when b.myopic = 1 and v.myopic is not null then 1 else 0 end) as myopic_before,
    sum(case when b.myopic is not null and v.myopic = 1 then 1 else 0 end) as myopic_now,
    sum(case when b.myopic = 0 and v.myopic is not null then 1 else 0 end) as myopic_new_of,
    sum(case when b.myopic = 0 and v.myopic = 1 then 1 else 0 end) as myopic_new
from {{ ref('int_pupils') }} as p
inner join earlier as e on p.period = e.period
inner join {{ ref('int_vision_by_pupil') }} as v on p.period = v.period and p.pupil = v.pupil
inner join {{ ref('int_vision_by_pupil') }} as b on e.period_before = b.period and p.pupil = b.pupil
where p.answers and {{ touched('p.period') }}
group by p.period, p.school, p.grade, p.sex

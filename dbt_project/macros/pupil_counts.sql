{#-
Counts of pupils by period, school, grade and sex, and the same a pupil at a time: what one pupil adds to each count. A counts model is the
macro as it stands; the trace of a figure asks a view of the same macro which pupils it counts, so the rule is written once.
-#}


{% macro semester_counts(by_pupil=false) -%}
select
    p.period,
    p.school,
    p.grade,
    p.sex,
    {{ 'p.pupil,' if by_pupil }}
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
group by p.period, p.school, p.grade, p.sex{{ ', p.pupil' if by_pupil }}
{%- endmacro %}


{% macro year_counts(by_pupil=false) -%}
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
    {{ 'p.pupil,' if by_pupil }}
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
group by p.period, p.school, p.grade, p.sex{{ ', p.pupil' if by_pupil }}
{%- endmacro %}


{% macro exam_counts(by_pupil=false) -%}
select
    e.period,
    p.school,
    p.grade,
    p.sex,
    {{ 'p.pupil,' if by_pupil }}
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
group by e.period, p.school, p.grade, p.sex{{ ', p.pupil' if by_pupil }}
{%- endmacro %}


{% macro fitness_counts(by_pupil=false) -%}
select
    f.period,
    p.school,
    p.grade,
    p.sex,
    {{ 'p.pupil,' if by_pupil }}
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
group by f.period, p.school, p.grade, p.sex{{ ', p.pupil' if by_pupil }}
{%- endmacro %}


{% macro vision_year_counts(by_pupil=false) -%}
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
    {{ 'p.pupil,' if by_pupil }}
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
group by p.period, p.school, p.grade, p.sex{{ ', p.pupil' if by_pupil }}
{%- endmacro %}

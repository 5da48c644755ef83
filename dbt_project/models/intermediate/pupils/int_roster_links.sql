-- Grain: school year x kind x token of a roster row that gives no 学籍号: the pupil this token finds through the other
-- roster rows of the year. An ID finds the 学籍号 of the latest row that has both; a 学号 does too, or else the ID.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster'], 'period_column': 'school_year', 'period_grain': 'year'}
) }}
with wanted as (
    select distinct
        school_year,
        pupil_id,
        pupil_no
    from {{ ref('stg_student_roster') }}
    where pupil_xjh is null and {{ touched('school_year') }}
),

id_candidates as (
    select
        w.school_year,
        w.token,
        r.pupil_xjh as pupil,
        row_number() over (partition by w.school_year, w.token order by {{ latest_first('r') }}) as place
    from (select distinct
        school_year,
        pupil_id as token
    from wanted
    where pupil_id is not null) as w
    inner join {{ ref('stg_student_roster') }} as r on w.school_year = r.school_year and w.token = r.pupil_id
    {{ join_verdicts('student_roster', 'r') }}
    where r.pupil_xjh is not null and {{ drop_reason('student_roster', 'r', 'snapshot_on') }} is null
),

no_candidates as (
    select
        w.school_year,
        w.token,
        r.pupil_xjh,
        r.pupil_id,
        row_number() over (
            partition by w.school_year, w.token
            order by case when r.pupil_xjh is not null then 0 else 1 end, {{ latest_first('r') }}
        ) as place
    from (select distinct
        school_year,
        pupil_no as token
    from wanted
    where pupil_no is not null) as w
    inner join {{ ref('stg_student_roster') }} as r on w.school_year = r.school_year and w.token = r.pupil_no
    {{ join_verdicts('student_roster', 'r') }}
    where (r.pupil_xjh is not null or r.pupil_id is not null) and {{ drop_reason('student_roster', 'r', 'snapshot_on') }} is null
)

select
    school_year,
    'id' as kind,
    token,
    pupil
from id_candidates
where place = 1
union all
select
    n.school_year,
    'no' as kind,
    n.token,
    coalesce(n.pupil_xjh, i.pupil, n.pupil_id) as pupil
from no_candidates as n
left join id_candidates as i on i.place = 1 and n.school_year = i.school_year and n.pupil_id = i.token
where n.place = 1

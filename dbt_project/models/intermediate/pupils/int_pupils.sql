-- Grain: semester x pupil on the roster. school, grade, sex and class are those of the accountable row; they are null for
-- a pupil whom nobody answers for (no counting status on the reference date).
-- Of several rows that make a school answer the one entered last decides, then the smallest school code; a school closed and
-- merged by then hands its pupils to its successor.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster']}
) }}
with several as (
    select
        period,
        pupil
    from {{ ref('int_roster_repeated') }}
    where {{ touched() }}
    group by period, pupil
),

ranked as (
    select
        r.*,
        row_number() over (
            partition by r.period, r.pupil
            order by case when r.answers then 0 else 1 end, r.entered_on desc nulls last, r.school asc
        ) as place,
        max(case when r.is_full then 1 else 0 end) over (partition by r.period, r.pupil) as any_full,
        max(r.birth_date) over (partition by r.period, r.pupil) as any_birth_date
    from {{ ref('int_roster_judged') }} as r
    inner join several as s on r.period = s.period and r.pupil = s.pupil
),

chosen as (
    select
        r.period,
        r.pupil,
        r.school,
        r.grade,
        r.sex,
        r.birth_date,
        r.answers,
        r.is_full
    from {{ ref('int_roster_judged') }} as r
    left join several as s on r.period = s.period and r.pupil = s.pupil
    where s.pupil is null and {{ touched('r.period') }}
    union all
    select
        period,
        pupil,
        school,
        grade,
        sex,
        coalesce(birth_date, any_birth_date) as birth_date,
        answers,
        any_full = 1 as is_full
    from ranked
    where place = 1
)

select
    c.period,
    c.pupil,
    case when c.answers then coalesce(m.successor, c.school) end as school,
    case when c.answers then c.grade end as grade,
    case when c.answers then c.sex end as sex,
    cast({{ date_number('c.birth_date') }} as integer) as born,
    c.answers,
    c.is_full
from chosen as c
left join {{ ref('int_school_successors') }} as m on c.period = m.period and c.school = m.school

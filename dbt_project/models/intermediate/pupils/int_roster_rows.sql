-- Grain: a delivered row of the student roster, with the pupil it is about; drop_reason says why it does not count.
-- Tokens are linked through all counting roster rows of the school year: 学籍号 is the pupil; a row without one takes the
-- 学籍号 that the latest other row gives for its ID, then for its 学号; then the ID, then the 学号 stand for the pupil.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster'], 'period_column': 'school_year', 'period_grain': 'year'}
) }}
with delivered as (
    select * from {{ ref('stg_student_roster') }} where {{ touched('school_year') }}
),

{{ replacing_deliveries('delivered') }},

judged as (
    select
        delivered.*,
        {{ drop_reason('delivered', 'delivered.snapshot_on') }} as drop_reason
    from delivered
    {{ join_verdicts('delivered') }}
),

wanting as (
    select distinct school_year, pupil_id, pupil_no
    from judged
    where pupil_xjh is null
),

id_to_xjh as (
    select
        j.school_year,
        j.pupil_id,
        j.pupil_xjh,
        row_number() over (partition by j.school_year, j.pupil_id order by {{ latest_first('j') }}) as place
    from judged as j
    inner join (select distinct school_year, pupil_id from wanting where pupil_id is not null) as w
        on j.school_year = w.school_year and j.pupil_id = w.pupil_id
    where j.pupil_xjh is not null and j.drop_reason is null
),

no_to_xjh as (
    select
        j.school_year,
        j.pupil_no,
        j.pupil_xjh,
        row_number() over (partition by j.school_year, j.pupil_no order by {{ latest_first('j') }}) as place
    from judged as j
    inner join (select distinct school_year, pupil_no from wanting where pupil_no is not null) as w
        on j.school_year = w.school_year and j.pupil_no = w.pupil_no
    where j.pupil_xjh is not null and j.drop_reason is null
),

no_to_id as (
    select
        j.school_year,
        j.pupil_no,
        j.pupil_id,
        row_number() over (partition by j.school_year, j.pupil_no order by {{ latest_first('j') }}) as place
    from judged as j
    inner join (select distinct school_year, pupil_no from wanting where pupil_no is not null and pupil_id is null) as w
        on j.school_year = w.school_year and j.pupil_no = w.pupil_no
    where j.pupil_id is not null and j.drop_reason is null
)

select
    judged.*,
    coalesce(
        judged.pupil_xjh, i.pupil_xjh, n.pupil_xjh, judged.pupil_id, d.pupil_id, judged.pupil_no, judged.pupil_num
    ) as pupil
from judged
left join id_to_xjh as i
    on i.place = 1 and judged.school_year = i.school_year and judged.pupil_id = i.pupil_id
left join no_to_xjh as n
    on n.place = 1 and judged.school_year = n.school_year and judged.pupil_no = n.pupil_no
left join no_to_id as d
    on d.place = 1 and judged.school_year = d.school_year and judged.pupil_no = d.pupil_no

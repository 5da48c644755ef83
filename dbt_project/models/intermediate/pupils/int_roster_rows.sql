-- Grain: a delivered row of the student roster, with the pupil it is about; drop_reason says why it does not count.
-- 学籍号 is the pupil; a row without one takes what the other roster rows of the school year link its ID or 学号 to; else its
-- own strongest token stands for the pupil.
{{ config(materialized='view') }}
select
    {{ feed_columns('student_roster', 'r') }},
    r.pupil_id,
    r.pupil_no,
    r.pupil_num,
    coalesce(r.pupil_xjh, i.pupil, n.pupil, {{ own_token('r') }}) as pupil,
    {{ drop_reason('student_roster', 'r', 'snapshot_on') }} as drop_reason
from {{ ref('stg_student_roster') }} as r
left join {{ ref('int_roster_links') }} as i
    on i.kind = 'id' and r.school_year = i.school_year and r.pupil_id = i.token
left join {{ ref('int_roster_links') }} as n
    on n.kind = 'no' and r.school_year = n.school_year and r.pupil_no = n.token
{{ join_verdicts('student_roster', 'r') }}

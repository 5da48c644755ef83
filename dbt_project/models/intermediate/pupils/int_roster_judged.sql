-- Grain: semester x pupil x school on the roster: whether this row makes the school answer for the pupil (counting status,
-- entered by the reference date, not left by it), and whether it shows the pupil there for the full semester.
{{ config(materialized='view') }}
select
    r.period,
    r.pupil,
    r.school,
    r.grade,
    r.sex,
    r.birth_date,
    r.entered_on,
    coalesce(e.counts, false)
    and (r.entered_on is null or r.entered_on <= c.reference_date)
    and (r.left_on is null or r.left_on > c.reference_date) as answers,
    r.entered_on is null or r.entered_on <= c.full_from as is_full
from {{ ref('int_roster_current') }} as r
inner join {{ ref('int_rules') }} as c on r.period = c.period
left join {{ ref('enrolment_status') }} as e on r.status = e.status

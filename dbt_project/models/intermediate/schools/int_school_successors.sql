-- Grain: calendar period x school closed and merged by its reference date: who answers for its pupils then.
-- Three steps are followed: A merged into B, B into C, C into D.
with merged as (
    select
        c.period,
        k.school,
        k.merged_into
    from {{ ref('int_school_known') }} as k
    inner join {{ ref('calendar') }} as c
        on c.period_type = 'semester' and k.closed_on <= c.reference_date
    where k.merged_into is not null and k.merged_into <> k.school
)

select
    one.period,
    one.school,
    coalesce(three.merged_into, two.merged_into, one.merged_into) as successor
from merged as one
left join merged as two on one.period = two.period and one.merged_into = two.school
left join merged as three on two.period = three.period and two.merged_into = three.school

-- Grain: school that stands in any register row; its closing as the latest register tells it, the grades it may teach by
-- any type it ever had (null: its type says nothing about grades).
with ranked as (
    select
        school,
        closed_on,
        merged_into,
        county,
        row_number() over (partition by school order by period desc) as place
    from {{ ref('int_register_current') }}
),

taught as (
    select
        r.school,
        min(t.lowest_grade) as lowest_grade,
        max(t.highest_grade) as highest_grade
    from {{ ref('int_register_current') }} as r
    inner join {{ ref('school_types') }} as t on r.school_type = t.school_type
    group by r.school
)

select
    k.school,
    k.closed_on,
    k.merged_into,
    k.county,
    t.lowest_grade,
    t.highest_grade
from ranked as k
left join taught as t on k.school = t.school
where k.place = 1

-- Grain: commitment x period it is shown for: every active school year, or its semesters where a semester's figure answers it.
with asked as (
    select
        commitment,
        max(case when reads = 'semester' then 1 else 0 end) as by_semester
    from {{ ref('commitment_routes') }}
    group by commitment
),

active as (
    select
        period,
        school_year,
        reference_date,
        0 as by_semester
    from {{ ref('calendar') }}
    where period in (select y.school_year from {{ ref('int_active_years') }} as y)
    union all
    select
        period,
        school_year,
        reference_date,
        1 as by_semester
    from {{ ref('calendar') }}
    where
        period in (select d.period from {{ ref('int_deliveries') }} as d)
        and period_type = 'semester'
        or period in (select y.school_year || '-1' from {{ ref('int_active_years') }} as y)
)

select
    c.commitment,
    a.period,
    a.school_year,
    a.reference_date
from asked as c
inner join active as a on c.by_semester = a.by_semester

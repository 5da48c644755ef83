-- Grain: school year x school known by then: what the register says of it, and how many pupils it answers for in autumn.
with pupils as (
    select
        period,
        school,
        sum(pupils) as pupils
    from {{ ref('int_year_counts') }}
    group by period, school
)

select
    s.school_year as period,
    s.school,
    s.school_name,
    s.county,
    s.county_name,
    s.city,
    s.school_type,
    s.stage,
    s.residence,
    s.canteens,
    cast(coalesce(p.pupils, 0) as bigint) as pupils,
    s.boarding,
    s.opened_on,
    s.closed_on,
    s.merged_into
from {{ ref('int_schools') }} as s
left join pupils as p on s.school_year = p.period and s.school = p.school

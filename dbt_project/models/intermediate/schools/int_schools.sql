-- Grain: school x active school year. The latest register of that year or before describes the school; a school that
-- was registered only later is described by its first register.
with candidates as (
    select
        y.school_year,
        r.*,
        row_number() over (
            partition by y.school_year, r.school
            order by
                case when r.period <= y.school_year then 0 else 1 end,
                case when r.period <= y.school_year then r.period end desc nulls last,
                r.period asc
        ) as place
    from {{ ref('int_active_years') }} as y
    cross join {{ ref('int_register_current') }} as r
)

select
    c.school_year,
    c.school,
    c.school_name,
    c.county,
    coalesce(a.name, c.county_name) as county_name,
    coalesce(a.parent, substr(c.county, 1, 4) || '00') as city,
    c.school_type,
    t.stage,
    c.residence,
    c.boarding,
    c.owner_type,
    c.canteens,
    c.opened_on,
    k.closed_on,
    k.merged_into,
    c.period as registered_in
from candidates as c
inner join {{ ref('int_school_known') }} as k on c.school = k.school
left join {{ ref('areas_seed') }} as a on c.county = a.area
left join {{ ref('school_types') }} as t on c.school_type = t.school_type
where c.place = 1

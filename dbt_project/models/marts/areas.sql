-- Grain: area. The standard codes, and the counties that only a register names (zones without a national code).
with registered as (
    select
        county as area,
        county_name as name,
        row_number() over (partition by county order by period desc, county_name asc nulls last) as place
    from {{ ref('int_register_current') }}
    where county is not null
)

select
    area,
    name,
    parent,
    level,
    kind
from {{ ref('areas_seed') }}
union all
select
    r.area,
    coalesce(r.name, r.area) as name,
    substr(r.area, 1, 4) || '00' as parent,
    'county' as level,
    'local' as kind
from registered as r
left join {{ ref('areas_seed') }} as s on r.area = s.area
where r.place = 1 and s.area is null

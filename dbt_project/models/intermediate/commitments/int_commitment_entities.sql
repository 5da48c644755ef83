-- Grain: commitment x area of this home. binding: bound (it owes the commitment), inside (it lies in the jurisdiction and owes
-- nothing, but may have delivered something), outside (a city in which nobody owes it). A commitment asked of the province or the
-- city binds that level; any other binds each county, and the city for all its counties. A share of counties is shown to cities too.
-- A county that a document names owes what it names, even if it has never delivered anything to this home's city.
with placed as (
    select
        c.commitment,
        h.area,
        h.level,
        h.city,
        h.province,
        coalesce('|' || c.jurisdiction_area || '|' like '%|' || h.area || '|%', false)
        or coalesce('|' || c.jurisdiction_area || '|' like '%|' || h.city || '|%', false)
        or coalesce('|' || c.jurisdiction_area || '|' like '%|' || h.province || '|%', false) as inside,
        case c.level
            when 'province' then h.level = 'province' or (h.level = 'city' and r.judged_at = 'county')
            when 'city' then h.level = 'city'
            else h.level in ('county', 'city')
        end as owes
    from {{ ref('commitments_seed') }} as c
    inner join {{ ref('commitment_routes') }} as r on c.commitment = r.commitment and r.part = 1
    cross join {{ ref('int_home_areas') }} as h
),

-- counties that the document names and that have delivered nothing, in the cities of this home
named as (
    select
        c.commitment,
        a.area,
        a.parent as city
    from {{ ref('commitments_seed') }} as c
    inner join {{ ref('areas_seed') }} as a
        on a.level = 'county' and '|' || c.jurisdiction_area || '|' like '%|' || a.area || '|%'
    inner join {{ ref('int_home_areas') }} as h on h.level = 'city' and a.parent = h.area
    left join {{ ref('int_home_areas') }} as k on a.area = k.area
    where c.level <> 'city' and c.level <> 'province' and k.area is null
),

-- cities in which somebody owes the commitment, or whose province does
reached as (
    select
        commitment,
        city
    from placed
    where inside and owes and city is not null
    union
    select
        commitment,
        city
    from named
    union
    select
        p.commitment,
        h.area as city
    from placed as p
    inner join {{ ref('int_home_areas') }} as h on h.level = 'city' and p.area = h.province
    where p.inside and p.owes and p.level = 'province'
)

select
    p.commitment,
    p.area as entity,
    p.level as entity_level,
    p.city,
    case when p.inside and p.owes then 'bound' when p.inside then 'inside' else 'outside' end as binding
from placed as p
left join reached as r on p.commitment = r.commitment and p.area = r.city
where p.inside or (p.level = 'city' and r.city is null)
union all
select
    commitment,
    area as entity,
    'county' as entity_level,
    city,
    'bound' as binding
from named

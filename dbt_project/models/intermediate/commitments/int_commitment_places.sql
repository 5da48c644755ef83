-- Grain: commitment x area that may speak of it: those of its jurisdiction, and those that its jurisdiction lies in.
{{ config(materialized='table') }}
with placed as (
    select
        a.area,
        a.parent,
        p.parent as above
    from {{ ref('areas') }} as a
    left join {{ ref('areas') }} as p on a.parent = p.area
),

named as (
    select
        c.commitment,
        p.area,
        p.parent,
        p.above
    from {{ ref('commitments_seed') }} as c
    inner join placed as p on '|' || c.jurisdiction_area || '|' like '%|' || p.area || '|%'
)

select
    n.commitment,
    p.area,
    n.commitment || '|' || p.area as place
from named as n
inner join placed as p on n.area in (p.area, p.parent, p.above)
union
select
    commitment,
    parent as area,
    commitment || '|' || parent as place
from named
where parent is not null
union
select
    commitment,
    above as area,
    commitment || '|' || above as place
from named
where above is not null

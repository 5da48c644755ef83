-- What is this: areas whose parent is no area.
-- When does it matter: their figures reach no city, and no target of the region applies to them.
-- How to resolve it: add the parent to seeds/areas_seed.csv, or correct the code.
select a.area
from {{ ref('areas_seed') }} as a
left join {{ ref('areas_seed') }} as p on a.parent = p.area
where a.level <> 'province' and p.area is null

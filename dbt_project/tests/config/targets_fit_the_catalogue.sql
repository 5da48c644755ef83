-- What is this: targets whose indicator, stage, area, operator or dates make no sense.
-- When does it matter: a wrong target judges figures it was never written for, or none.
-- How to resolve it: correct the row in seeds/targets_seed.csv.
select t.target_id
from {{ ref('targets_seed') }} as t
left join {{ ref('indicators_seed') }} as i on t.indicator = i.code
left join {{ ref('areas_seed') }} as a on t.jurisdiction = a.area
left join (select distinct reported_as from {{ ref('stages') }}) as s on t.stage = s.reported_as
where
    i.code is null
    or (a.area is null and t.jurisdiction <> '000000')
    or (s.reported_as is null and t.stage <> 'all')
    or t.operator not in ('>=', '>', '<=', '<', '=')
    or t.valid_from > t.valid_to

-- Grain: commitment x part: what it asks of which figure, route and commitment put together. named: how many the document names
-- where it asks for all of them (8 of 8).
{{ config(materialized='view') }}
select
    c.commitment,
    r.part,
    r.route,
    r.indicator,
    r.stage,
    r.subgroup,
    r.reads,
    r.judged_at,
    r.compared,
    r.optional,
    r.feed,
    r.events,
    c.level as asked_of,
    c.stage as commitment_stage,
    c.unit,
    c.due_on,
    case when c.threshold like '% of %' then cast(substr(c.threshold, position(' of ' in c.threshold) + 4) as integer) end as named,
    case when c.operator in ('info', 'trend') then r.operator else coalesce(r.operator, c.operator) end as operator,
    cast(coalesce(r.target_value, c.target_value) as double) as target,
    cast(c.target_upper as double) as target_upper
from {{ ref('commitments_seed') }} as c
inner join {{ ref('commitment_routes') }} as r on c.commitment = r.commitment

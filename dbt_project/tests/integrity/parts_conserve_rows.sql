-- What is this: delivery parts whose accepted and rejected rows are not those that were landed.
-- When does it matter: nothing may be lost between landing and marts: what the register refuses moves from accepted to rejected.
-- How to resolve it: a refused row carries a part that is not in _parts, or a part is listed twice.
select
    p.delivery_id,
    p.part
from {{ ref('delivery_parts') }} as p
inner join {{ ref('stg_delivery_parts') }} as l
    on p.delivery_id = l.delivery_id and p.part = l.part and p.feed = l.feed
where p.rows_accepted < 0 or p.rows_accepted + p.rows_rejected <> l.rows_accepted + l.rows_rejected

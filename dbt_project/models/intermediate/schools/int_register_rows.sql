-- Grain: a delivered row of the school register; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    case when {{ is_replaced('r') }} then 'replaced' end as drop_reason
from {{ ref('stg_school_register') }} as r
left join {{ ref('int_register_replacing') }} as replaced
    on r.school = replaced.school and r.period = replaced.period
where r.school is not null

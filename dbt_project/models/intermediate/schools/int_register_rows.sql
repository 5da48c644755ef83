-- Grain: a delivered row of the school register; drop_reason says why it does not count.
-- The register is small and everything hangs on it, so it is never built in parts.
with delivered as (
    select * from {{ ref('stg_school_register') }} where school is not null
),

{{ replacing_deliveries('delivered') }}

select
    delivered.*,
    case when {{ is_replaced('delivered') }} then 'replaced' end as drop_reason
from delivered
left join replacing as replaced
    on
        replaced.place = 1
        and delivered.school = replaced.school
        and delivered.period = replaced.period

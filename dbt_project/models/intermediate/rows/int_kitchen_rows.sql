-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('kitchen_register', 'r', 'counted_on') }} as drop_reason
from {{ ref('stg_kitchen_register') }} as r
{{ join_verdicts('kitchen_register', 'r') }}

-- Grain: a delivered row (an inspected item) of canteen inspections; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('food_inspection', 'r', 'inspected_on') }} as drop_reason
from {{ ref('int_inspection_named') }} as r
{{ join_verdicts('food_inspection', 'r') }}

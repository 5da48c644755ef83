-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('county_form', 'r', none) }} as drop_reason
from {{ ref('stg_county_form') }} as r
{{ join_verdicts('county_form', 'r') }}

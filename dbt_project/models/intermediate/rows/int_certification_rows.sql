-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('county_certification', 'r', 'decided_on') }} as drop_reason
from {{ ref('stg_county_certification') }} as r
{{ join_verdicts('county_certification', 'r') }}

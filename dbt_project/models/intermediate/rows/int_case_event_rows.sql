-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('case_event', 'r', 'happened_on') }} as drop_reason
from {{ ref('stg_case_event') }} as r
{{ join_verdicts('case_event', 'r') }}

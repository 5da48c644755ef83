-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('class_roster', 'r', 'snapshot_on') }} as drop_reason
from {{ ref('stg_class_roster') }} as r
{{ join_verdicts('class_roster', 'r') }}

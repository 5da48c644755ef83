-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    {{ drop_reason('school_form', 'r', none) }} as drop_reason
from {{ ref('stg_school_form') }} as r
{{ join_verdicts('school_form', 'r') }}

-- Grain: a delivered row of vision checks with its pupil and check; drop_reason says why it does not count.
-- linked is false when the pupil is not on the roster of the semester: such a row is kept and counts nowhere.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['vision_check']}
) }}
with delivered as (
    select * from {{ ref('stg_vision_check') }} where {{ touched() }}
),

{{ replacing_deliveries('delivered') }},

{{ pupil_links('delivered', 'r.period') }}

select
    {{ feed_columns('vision_check', 'delivered') }},
    {{ linked_pupil() }} is not null as linked,
    coalesce(
        {{ linked_pupil() }},
        delivered.pupil_xjh, delivered.pupil_id, delivered.pupil_no, delivered.pupil_num
    ) as pupil,
    cast(coalesce({{ date_number('delivered.check_date') }}, delivered.round, 0) as integer) as check_key,
    {{ drop_reason('delivered', 'delivered.check_date') }} as drop_reason
from delivered
{{ join_pupil_links('delivered', 'delivered.period') }}
{{ join_verdicts('delivered') }}

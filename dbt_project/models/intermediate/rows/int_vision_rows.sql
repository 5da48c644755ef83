-- Grain: a delivered row with its pupil and key; drop_reason says why it does not count. A check is known by its date, else by
-- the date that another row of the pupil gives for its round, else by its round.
{{ config(materialized='view') }}
select
    d.*,
    cast(coalesce({{ date_number('d.check_date') }}, n.check_key, d.round, 0) as integer) as check_key
from {{ ref('int_vision_delivered') }} as d
left join {{ ref('int_vision_rounds') }} as n
    on d.check_date is null and d.period = n.period and d.pupil = n.pupil and d.round = n.round

-- Grain: period x pupil x round of a check that was sent once with its round alone and once with round and date: the
-- date by which it is known. Of several dates of a round the first.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['vision_check']}
) }}
with undated as (
    select distinct
        period,
        pupil,
        round
    from {{ ref('int_vision_delivered') }}
    where check_date is null and round is not null and drop_reason is null and {{ touched() }}
)

select
    d.period,
    d.pupil,
    d.round,
    cast(min({{ date_number('d.check_date') }}) as integer) as check_key
from {{ ref('int_vision_delivered') }} as d
inner join undated as u on d.period = u.period and d.pupil = u.pupil and d.round = u.round
where d.check_date is not null and d.drop_reason is null and {{ touched('d.period') }}
group by d.period, d.pupil, d.round

-- Grain: school year x school x canteen x item that failed in an inspection (no self-check) and was looked at again on a later
-- day of the same school year: whether it failed again, whatever the re-check of the first finding said.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['food_inspection']}
) }}
with looks as (
    select
        period,
        school,
        coalesce(canteen, 'main') as canteen,
        item,
        inspected_on,
        result = 'fail' as failed,
        min(case when result = 'fail' then inspected_on end) over (
            partition by period, school, coalesce(canteen, 'main'), item
        ) as first_failed_on
    from {{ ref('int_inspection_current') }}
    where
        coalesce(inspection_type, '') <> 'self'
        and school <> ''
        and item > 0
        and result is not null
        and {{ touched() }}
)

select
    period,
    school,
    canteen,
    item,
    max(case when failed then 1 else 0 end) as failed_again
from looks
where inspected_on > first_failed_on
group by period, school, canteen, item

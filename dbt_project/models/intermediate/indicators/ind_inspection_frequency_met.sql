-- Grain: school year x school. Inspected as often as the risk grade asks.
{{ config(materialized='view') }}
select
    'inspection_frequency_met' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(often_enough as bigint) as numerator,
    cast(canteens as bigint) as denominator
from {{ ref('int_canteen_schools') }}

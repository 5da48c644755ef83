-- Grain: school year x school. Canteens with an open kitchen.
{{ config(materialized='view') }}
select
    'kitchen_open' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(open_kitchens as bigint) as numerator,
    cast(kitchens as bigint) as denominator
from {{ ref('int_canteen_schools') }}

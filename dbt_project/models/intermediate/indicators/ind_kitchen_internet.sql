-- Grain: school year x school. Canteens on the internet platform.
{{ config(materialized='view') }}
select
    'kitchen_internet' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(internet_kitchens as bigint) as numerator,
    cast(kitchens as bigint) as denominator
from {{ ref('int_canteen_schools') }}

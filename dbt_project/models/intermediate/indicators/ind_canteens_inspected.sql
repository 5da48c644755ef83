-- Grain: school year x school. Inspected at least once, self-checks aside.
{{ config(materialized='view') }}
select
    'canteens_inspected' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(inspected as bigint) as numerator,
    cast(canteens as bigint) as denominator
from {{ ref('int_canteen_schools') }}

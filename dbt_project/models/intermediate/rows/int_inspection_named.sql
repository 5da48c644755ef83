-- Grain: a delivered row (an inspected item) of canteen inspections, its school found by code or by register name.
-- A name that no school bears stands as the empty code, which no register knows.
{{ config(materialized='view') }}
select
    {{ feed_columns('food_inspection', 'f') | replace('f.school,', "coalesce(f.school, n.school, case when f.school_name is not null then '' end) as school,") | replace('f.item,', 'coalesce(f.item, 0) as item,') | replace('f.inspection_id,', "coalesce(f.inspection_id, '') as inspection_id,") }},
    f.school is null as by_name
from {{ ref('stg_food_inspection') }} as f
left join {{ ref('int_inspection_schools') }} as n on f.school is null and f.school_name = n.school_name

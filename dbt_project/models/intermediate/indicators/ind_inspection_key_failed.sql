-- Grain: school year x school. Inspections with a failed key item, over inspections.
{{ config(materialized='view') }}
select
    'inspection_key_failed' as indicator,
    i.period,
    i.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(i.key_failed) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_inspections') }} as i
inner join {{ ref('int_schools') }} as s on i.period = s.school_year and i.school = s.school
group by i.period, i.school, s.stage

-- Grain: school year x school. Inspections with any failed item, over inspections.
{{ config(materialized='view') }}
select
    'inspection_finding' as indicator,
    i.period,
    i.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(i.found) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_inspections') }} as i
inner join {{ ref('int_schools') }} as s on i.period = s.school_year and i.school = s.school
group by i.period, i.school, s.stage

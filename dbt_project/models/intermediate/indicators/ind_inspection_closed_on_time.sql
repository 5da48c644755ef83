-- Grain: school year x school. Inspections whose due findings were all closed on time.
{{ config(materialized='view') }}
select
    'inspection_closed_on_time' as indicator,
    i.period,
    i.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(i.closed) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_inspections') }} as i
inner join {{ ref('int_schools') }} as s on i.period = s.school_year and i.school = s.school
where i.due = 1
group by i.period, i.school, s.stage

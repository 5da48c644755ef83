-- Grain: school year x school. Items found again, over items found and looked at again.
{{ config(materialized='view') }}
select
    'inspection_repeat' as indicator,
    i.period,
    i.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(i.failed_again) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from {{ ref('int_repeat_findings') }} as i
inner join {{ ref('int_schools') }} as s on i.period = s.school_year and i.school = s.school
group by i.period, i.school, s.stage

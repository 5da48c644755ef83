-- Grain: school year x school known in this year and the one before. Schools that newly reach the standard, in both readings of
-- "15% of schools a year": of all schools, and of those that failed the year before.
{{ config(materialized='view', meta={'indicators': ['standard_new_of_all', 'standard_new_of_failing']}) }}
{% for code, among in [['standard_new_of_all', '1 = 1'], ['standard_new_of_failing', 'b.to_standard = 0']] %}
select
    '{{ code }}' as indicator,
    n.period,
    n.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(coalesce(case when b.to_standard = 0 and n.to_standard = 1 then 1 else 0 end, 0) as bigint) as numerator,
    cast(1 as bigint) as denominator,
    n.to_standard is not null and b.to_standard is not null as reported
from {{ ref('int_schools_to_standard') }} as n
inner join {{ ref('int_schools_to_standard') }} as b
    on n.school = b.school and {{ year_before('n.period') }} = b.period
inner join {{ ref('int_schools') }} as s on n.school = s.school and n.period = s.school_year
where s.stage is not null and {{ among }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

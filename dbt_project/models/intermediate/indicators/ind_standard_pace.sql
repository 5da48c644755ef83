-- Grain: school year x school known in this year and the one before, in a county where some school was below the standard then.
-- Schools that newly reach the standard, in both readings of "15% of schools a year": of all, and of those that failed.
{{ config(materialized='view', meta={'indicators': ['standard_new_of_all', 'standard_new_of_failing'], 'years_back': 1}) }}
with both_years as (
    select
        n.period,
        n.school,
        s.stage,
        b.to_standard as before,
        n.to_standard as now,
        -- where nobody is left to lift, nothing is asked
        max(case when b.to_standard = 1 then 0 else 1 end) over (partition by n.period, s.county) as somebody_left
    from {{ ref('int_schools_to_standard') }} as n
    inner join {{ ref('int_schools_to_standard') }} as b
        on n.school = b.school and {{ year_before('n.period') }} = b.period
    inner join {{ ref('int_schools') }} as s on n.school = s.school and n.period = s.school_year
    where s.stage is not null
)

{% for code, among in {'standard_new_of_all': '1 = 1', 'standard_new_of_failing': 'before = 0'}.items() %}
select
    '{{ code }}' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(case when before = 0 and now = 1 then 1 else 0 end as bigint) as numerator,
    cast(1 as bigint) as denominator,
    now is not null and before is not null as reported
from both_years
where somebody_left = 1 and {{ among }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

-- Grain: school year x school x stage. L1 to L7: a resource of an assessed school over its pupils.
{{ config(materialized='view', meta={'indicators': resources().keys() | list}) }}
{% for code, (column, scale, per) in resources().items() %}
select
    '{{ code }}' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    {{ column }} as numerator,
    pupils as denominator,
    true as reported
from {{ ref('int_school_stages') }}
where excluded_reason is null and {{ column }} is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}

{#- Body of a family of indicators of pupils: code -> a model of grain period x school x grade x sex and two columns of it. -#}
{% macro counted_family(family) -%}
{% for code, (counts, numerator, denominator) in family.items() %}
select
    '{{ code }}' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.{{ numerator }} as bigint) as numerator,
    cast(n.{{ denominator }} as bigint) as denominator,
    true as reported
from {{ ref(counts) }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade
{% if not loop.last %}union all{% endif %}
{% endfor %}
{%- endmacro %}

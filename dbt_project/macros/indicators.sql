{#- Body of an indicator of pupils: two columns of a model of grain period x school x grade x sex. -#}
{% macro counted_indicator(code, counts, numerator, denominator) -%}
select
    '{{ code }}' as indicator,
    n.period,
    n.school,
    g.stage,
    n.grade,
    n.sex,
    cast(n.{{ numerator }} as bigint) as numerator,
    cast(n.{{ denominator }} as bigint) as denominator
from {{ ref(counts) }} as n
inner join {{ ref('grades') }} as g on n.grade = g.grade
{%- endmacro %}

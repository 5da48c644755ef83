{#- Whether two packed checks of a pupil (order times 1000 plus outcome) are different ones; true also when there is no first. -#}
{% macro another_check(first, last) -%}
    coalesce({{ last }} - {{ last }} % 1000 > {{ first }} - {{ first }} % 1000, true)
{%- endmacro %}


{#- Select list: pupils seen in each of two checks, seen in both, and those of either with the outcome. -#}
{% macro seen_twice(name, first, second, is_first, is_second) -%}
    sum(case when {{ first }} is not null then 1 else 0 end) as {{ name }}_round1_of,
    sum(case when {{ is_first }} then 1 else 0 end) as {{ name }}_round1,
    sum(case when {{ second }} is not null then 1 else 0 end) as {{ name }}_round2_of,
    sum(case when {{ is_second }} then 1 else 0 end) as {{ name }}_round2,
    sum(case when {{ first }} is not null and {{ second }} is not null then 1 else 0 end) as {{ name }}_both_of,
    sum(case when {{ is_first }} and {{ second }} is not null then 1 else 0 end) as {{ name }}_both_round1,
    sum(case when {{ is_second }} and {{ first }} is not null then 1 else 0 end) as {{ name }}_both_round2
{%- endmacro %}

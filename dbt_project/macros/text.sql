{#- Texts of a group in one, in an order. The one place that knows how the engine writes it. -#}
{% macro joined_text(text, delimiter, ordering) -%}
    string_agg({{ text }}, '{{ delimiter }}' order by {{ ordering }})
{%- endmacro %}


{#- Whether a group is the whole: left blank, or called so. -#}
{% macro is_whole_group(column) -%}
    coalesce({{ column }}, '') in ('', '合计', '总计', '总体', '全部', '整体', '小计')
{%- endmacro %}

{#- Texts of a group in one, in an order. The one place that knows how the engine writes it. -#}
{% macro joined_text(text, delimiter, ordering) -%}
    string_agg({{ text }}, '{{ delimiter }}' order by {{ ordering }})
{%- endmacro %}

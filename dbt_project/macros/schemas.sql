{#- Schemas are named by layer, not by target: marts, records, seeds, and main for everything between. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

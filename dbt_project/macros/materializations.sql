{#-
How a table is built: in one transaction, in its place. dbt's own way builds it beside, renames two tables and drops one,
which costs as much as most of our queries; it serves readers that look on, and here nobody reads the build database.
Grants, hooks and indexes are not used in this project, and not offered.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        drop table if exists {{ target }};
        {{ create_table_as(False, target, compiled_code) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{- return({'relations': [target]}) -}}
{% endmaterialization %}


{% materialization view, adapter='duckdb', supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- if existing is not none and not existing.is_view -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        drop view if exists {{ target }};
        {{ get_create_view_as_sql(target, compiled_code) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{- return({'relations': [target]}) -}}
{% endmaterialization %}

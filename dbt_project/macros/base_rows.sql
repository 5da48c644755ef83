{#- Reading base/ and saying which part of it has to be built again. Everything here that only DuckDB knows. -#}

{#- Folder of the base files, absolute when JUNHENG_HOME is. -#}
{% macro base_folder() -%}
    {{ env_var('JUNHENG_HOME', '.') }}/warehouse/base
{%- endmacro %}


{#- True when at least one file matches: a fresh home has none, and that is no error. -#}
{% macro base_has(pattern) -%}
    {%- set found = run_query("select count(*) as files from glob('" ~ base_folder() ~ '/' ~ pattern ~ "')") -%}
    {{- return(found.columns[0].values()[0] > 0) -}}
{%- endmacro %}


{#- The declared columns of a base table, in their order: a list of {name, data_type}. -#}
{% macro declared_columns(name) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == 'base' and node.name == name -%}
            {%- do found.extend(node.columns.values()) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}


{#- A token as a join key: 16 bytes compare as one 128-bit number in DuckDB, as plain bytes elsewhere. -#}
{% macro token_key(column) -%}
    cast({{ column }} as uuid)
{%- endmacro %}


{#- A token key as 32 hexadecimal digits, for the record tables. -#}
{% macro token_hex(column) -%}
    replace(cast({{ column }} as varchar), '-', '')
{%- endmacro %}


{#- Every row of a base table with its declared types; no rows when nothing was ever landed. -#}
{% macro base_rows(name) -%}
    {%- set relation = source('base', name) -%}
    {%- set present = execute and base_has(name ~ '/*.parquet') -%}
    select
    {%- for column in declared_columns(name) %}
        {%- set given = column.name if present else 'null' %}
        {%- if column.data_type == 'blob' %}
            {{ token_key(given) }} as {{ column.name }}
        {%- else %}
            cast({{ given }} as {{ column.data_type }}) as {{ column.name }}
        {%- endif %}
        {%- if not loop.last %},{% endif %}
    {%- else %}
        1 as placeholder
    {%- endfor %}
    {%- if present %}
    from {{ relation }}
    {%- else %}
    where 1 = 0
    {%- endif %}
{%- endmacro %}


{#- The declared columns of a feed behind an alias, without the pupil tokens, for select lists. -#}
{% macro feed_columns(name, alias) -%}
    {%- set wanted = [] -%}
    {%- for column in declared_columns(name) if column.data_type != 'blob' -%}
        {%- do wanted.append(alias ~ '.' ~ column.name) -%}
    {%- endfor -%}
    {{- wanted | join(',\n    ') if wanted else '1 as placeholder' -}}
{%- endmacro %}


{#- The normalised values of a feed behind an alias, for the record tables. -#}
{% macro record_columns(name, alias) -%}
    {%- set wanted = [] -%}
    {%- for column in value_columns(name, ['school']) -%}
        {%- do wanted.append(alias ~ '.' ~ column) -%}
    {%- endfor -%}
    {{- wanted | join(',\n    ') if wanted else '1 as placeholder' -}}
{%- endmacro %}

{#-
Corrections by row key. A key with one row is current as it stands; only keys with several rows are merged: per column
the latest value that is not blank; a value and its code (va_right, va_right_code) are one column in this, for a later
"not measured" takes the earlier value back. Windows over all rows would cost minutes at a city's size, so the repeated keys are
found first (`repeated_rows`), and everything else passes through (`current_rows`).
-#}

{#- The declared columns that hold values: everything but lineage and tokens. -#}
{% macro value_columns(name, keys) -%}
    {%- set lineage = [
        'delivery_id', 'file_sha256', 'member', 'sheet', 'part', 'row_number', 'version', 'payload_date', 'receipt',
        'replace_scope', 'period', 'school_year', 'layout'
    ] -%}
    {%- set found = [] -%}
    {%- for column in declared_columns(name) -%}
        {%- if column.data_type != 'blob' and column.name not in lineage and column.name not in keys -%}
            {%- do found.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{#-
Rows of keys that have more than one counting row, numbered from the earliest (`nth`). The relation is read twice, keys
first: naming it once as a CTE would hold every row of a city in memory to find a handful.
-#}
{% macro repeated_rows(relation, keys, group_keys=none) -%}
{%- set found_by = group_keys or keys -%}
with repeated as (
    select {{ found_by | join(', ') }}
    from {{ relation }}
    where drop_reason is null and {{ touched() }}
    group by {{ found_by | join(', ') }}
    having count(*) > 1
)

select
    counting.*,
    row_number() over (
        partition by {% for key in keys %}counting.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
        order by {{ earliest_first('counting') }}
    ) as nth
from {{ relation }} as counting
inner join repeated
    on {% for key in found_by %}counting.{{ key }} = repeated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
where counting.drop_reason is null and {{ touched('counting.period') }}
{%- endmacro %}


{#- CTE body: one row per repeated key, per value column the latest that is not blank; lineage of the latest row. -#}
{% macro merged_rows(repeated, keys, values) -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for column in values %}
    {{ latest_of_unit(column, values) }} as {{ column }},
    {%- endfor %}
    {{ latest_value('payload_date', 'nth') }} as payload_date
from {{ repeated }}
group by {{ keys | join(', ') }}
{%- endmacro %}


{#- The value of the highest nth among rows where the column is not blank. -#}
{% macro latest_value(column, nth) -%}
    max_by({{ column }}, case when {{ column }} is not null then {{ nth }} end)
{%- endmacro %}


{#- The columns that are corrected together with this one: x and x_code, or the column alone. -#}
{% macro unit_of(column, values) -%}
    {%- set stem = column[:-5] if column.endswith('_code') else column -%}
    {{- return([stem, stem ~ '_code'] if stem in values and stem ~ '_code' in values else [column]) -}}
{%- endmacro %}


{#- The n-th row where any column of the unit is given. -#}
{% macro nth_given(column, values) -%}
    {%- set unit = unit_of(column, values) -%}
    case when {{ unit | join(' is not null or ') }} is not null then nth end
{%- endmacro %}


{#- As latest_value, for a column of a unit; every row gives at most one of x and x_code. -#}
{% macro latest_of_unit(column, values) -%}
    {%- if unit_of(column, values) | length == 1 -%}
        {{ latest_value(column, 'nth') }}
    {%- else -%}
        case
            when max({{ nth_given(column, values) }}) = max(case when {{ column }} is not null then nth end)
                then {{ latest_value(column, 'nth') }}
        end
    {%- endif -%}
{%- endmacro %}


{#- Current rows of a feed: rows of single keys as they stand, repeated keys merged. -#}
{% macro current_rows(rows, repeated, keys, values, group_keys=none) -%}
with repeated_keys as (
    select distinct {{ (group_keys or keys) | join(', ') }}
    from {{ repeated }}
),

merged as (
    {{ merged_rows(repeated, keys, values) }}
)

select
    {%- for column in keys + values + ['payload_date'] %}
    single.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ rows }} as single
left join repeated_keys
    on {% for key in (group_keys or keys) %}single.{{ key }} = repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
where single.drop_reason is null and repeated_keys.{{ (group_keys or keys)[0] }} is null
union all
select
    {%- for column in keys + values + ['payload_date'] %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from merged
{%- endmacro %}


{#- Rows of repeated keys of which no value is in force any more. -#}
{% macro superseded_rows(feed, repeated, keys, values) -%}
select
    '{{ feed }}' as feed,
    r.period,
    r.delivery_id,
    r.part,
    r.row_number
from {{ repeated }} as r
inner join (
    select
        {{ keys | join(', ') }},
        {%- for column in values %}
        max({{ nth_given(column, values) }}) as {{ column }}_at,
        {%- endfor %}
        max(nth) as last_at
    from {{ repeated }}
    group by {{ keys | join(', ') }}
) as m
    on {% for key in keys %}r.{{ key }} = m.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
where
    r.nth < m.last_at
    and $touched
    {%- for column in values %}
    and r.nth <> coalesce(m.{{ column }}_at, 0)
    {%- endfor %}
{%- endmacro %}

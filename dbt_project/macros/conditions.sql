{#- Resources of a school by stage, and what the assessment asks of schools. Sources: seeds stage_weights, rule_parameters. -#}

{#-
The part of a stock that a stage answers for in a school with several stages: in proportion to weighted pupils, cut to
whole units; the highest stage present takes the rest, so that the parts add up.
-#}
{% macro stage_share(stock, stage) -%}
    {%- set below = {
        'primary': [],
        'junior': ['primary_weighted'],
        'senior': ['primary_weighted', 'junior_weighted']
    }[stage] -%}
    {%- set above = {
        'primary': ['junior_weighted', 'senior_weighted'],
        'junior': ['senior_weighted'],
        'senior': []
    }[stage] -%}
    case
        when {{ (above or ['0']) | join(' + ') }} = 0 then {{ stock }}
        {%- for lower in below %}
        - cast(floor(cast({{ stock }} as double) * {{ lower }} / weighted) as bigint)
        {%- endfor %}
        else cast(floor(cast({{ stock }} as double) * {{ stage }}_weighted / weighted) as bigint)
    end
{%- endmacro %}


{#- The resource indicators: code -> column of int_school_stages, scale of its numbers, pupils it is counted for. -#}
{% macro resources() -%}
    {{- return({
        'L1': ['qualified', 1, 100],
        'L2': ['backbone', 1, 100],
        'L3': ['arts', 1, 100],
        'L4': ['floor_area', 100, 1],
        'L5': ['sports_area', 100, 1],
        'L6': ['equipment', 1, 1],
        'L7': ['media_rooms', 10000, 100]
    }) -}}
{%- endmacro %}


{#- A resource of a school per pupil, in the unit of its indicator. -#}
{% macro per_pupil(code, alias) -%}
    {%- set column, scale, pupils = resources()[code] -%}
    cast({{ alias }}.{{ column }} as double) * {{ pupils }} / ({{ scale }} * cast({{ alias }}.pupils as double))
{%- endmacro %}


{#- Whole rooms needed for some classes, one for each begun dozen (classes_per_room). -#}
{% macro rooms_needed(classes, per_room) -%}
    cast(ceil(cast({{ classes }} as double) / {{ per_room }}) as bigint)
{%- endmacro %}


{#- The texts of a group in one text, in an order; nulls left out, empty when all are. -#}
{% macro listed_items(expression, order) -%}
    coalesce(string_agg({{ expression }}, '|' order by {{ order }}), '')
{%- endmacro %}


{#- What is added at a time, in the scale of the stock: a teacher, 10 m2, 10,000 yuan, a room. -#}
{% macro addition_steps() -%}
    {{- return({'L1': 1, 'L2': 1, 'L3': 1, 'L4': 1000, 'L5': 1000, 'L6': 10000, 'L7': 10000}) -}}
{%- endmacro %}


{#- A row for each whole number from 0 up to, and without, a count. -#}
{% macro counted_from_zero(count) -%}
    unnest(range(cast({{ count }} as bigint)))
{%- endmacro %}

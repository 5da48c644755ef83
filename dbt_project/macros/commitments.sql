{#- What the commitments need: the period a year before, a figure against its target, and several figures as one status. -#}

{#- 2024-2025-1 -> 2023-2024-1; a school year likewise. -#}
{% macro year_before(period) -%}
    cast(cast(substr({{ period }}, 1, 4) as integer) - 1 as {{ dbt.type_string() }}) || '-' || substr({{ period }}, 1, 4) || substr({{ period }}, 10)
{%- endmacro %}


{#-
A value against a bound, both of the interval when there is one: met, not_met or not_distinguishable. Values come from one division
of integers and bounds from decimals, so that equal numbers are equal here and nothing is rounded.
-#}
{% macro judged(value, lower, upper, operator, bound) -%}
    case
        when {{ bound_satisfies('coalesce(' ~ lower ~ ', ' ~ value ~ ')', operator, bound) }}
            and {{ bound_satisfies('coalesce(' ~ upper ~ ', ' ~ value ~ ')', operator, bound) }} then 'met'
        when not {{ bound_satisfies('coalesce(' ~ lower ~ ', ' ~ value ~ ')', operator, bound) }}
            and not {{ bound_satisfies('coalesce(' ~ upper ~ ', ' ~ value ~ ')', operator, bound) }} then 'not_met'
        else 'not_distinguishable'
    end
{%- endmacro %}


{#- The worse of two statuses has the higher rank: what was not kept outweighs what nobody showed, and that what was kept. -#}
{% macro severity(status) -%}
    case {{ status }}
        when 'not_met' then 6
        when 'not_reported' then 5
        when 'not_distinguishable' then 4
        when 'not_due' then 3
        when 'no_target' then 2
        else 1
    end
{%- endmacro %}


{#- The status of a severity. -#}
{% macro status_of(severity) -%}
    case {{ severity }}
        when 6 then 'not_met'
        when 5 then 'not_reported'
        when 4 then 'not_distinguishable'
        when 3 then 'not_due'
        when 2 then 'no_target'
        when 1 then 'met'
    end
{%- endmacro %}


{#- Whether a unit says that a value is given in per cent. -#}
{% macro is_percent(unit) -%}
    coalesce(regexp_matches(lower({{ unit }}), '百分|%|％|percent|per cent|^pct$'), false)
{%- endmacro %}


{#-
The share that a value (x 10000) in a unit gives, null where it gives none. Per cent is divided by 100; a ratio (比例, 率) stands as it is.
Without a unit, above 1 it is per cent, below 1 a share, and 1 itself may be 1 % or all: no figure. Nor is what lies outside 0 to 1, or
a unit nobody knows.
-#}
{% macro measured_share(value_e4, unit) -%}
    case
        when {{ value_e4 }} < 0 then null
        when {{ value_e4 }} = 0 then 0.0
        when {{ is_percent(unit) }} or ({{ unit }} is null and {{ value_e4 }} > 10000)
            then case when {{ value_e4 }} <= 1000000 then cast({{ value_e4 }} as double) / 1000000 end
        when {{ unit }} is null and {{ value_e4 }} = 10000 then null
        when ({{ unit }} is null or regexp_full_match(lower({{ unit }}), '(比例|比率|率|占比|比重|小数|share|ratio)')) and {{ value_e4 }} <= 10000
            then cast({{ value_e4 }} as double) / 10000
    end
{%- endmacro %}

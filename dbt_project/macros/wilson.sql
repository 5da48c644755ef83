{#- One bound of the 95 % Wilson score interval of a share; side is '-' or '+'. Sums are integers until here. -#}
{% macro wilson_bound(numerator, denominator, side) -%}
    {%- set z = '1.959963984540054' -%}
    {%- set n = 'cast(' ~ denominator ~ ' as double)' -%}
    {%- set p = '(cast(' ~ numerator ~ ' as double) / ' ~ n ~ ')' -%}
    greatest(0.0, least(1.0, (
        {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
        {{ side }} {{ z }} * sqrt(({{ p }} * (1 - {{ p }}) + {{ z }} * {{ z }} / (4 * {{ n }})) / {{ n }})
    ) / (1 + {{ z }} * {{ z }} / {{ n }})))
{%- endmacro %}


{#- Whether numerator / denominator satisfies the target, in integers of 38 digits: nothing is rounded. target_e6 is in millionths. -#}
{% macro satisfies(numerator, denominator, operator, target_e6) -%}
    {%- set n = 'cast(' ~ numerator ~ ' as decimal(38, 0))' -%}
    {%- set t = 'cast(' ~ target_e6 ~ ' as decimal(38, 0))' -%}
    case {{ operator }}
        when '>=' then {{ n }} * 1000000 >= {{ t }} * {{ denominator }}
        when '>' then {{ n }} * 1000000 > {{ t }} * {{ denominator }}
        when '<=' then {{ n }} * 1000000 <= {{ t }} * {{ denominator }}
        when '<' then {{ n }} * 1000000 < {{ t }} * {{ denominator }}
        when '=' then {{ n }} * 1000000 = {{ t }} * {{ denominator }}
    end
{%- endmacro %}


{#- Whether a bound of an interval satisfies the target. -#}
{% macro bound_satisfies(bound, operator, target) -%}
    case {{ operator }}
        when '>=' then {{ bound }} >= {{ target }}
        when '>' then {{ bound }} > {{ target }}
        when '<=' then {{ bound }} <= {{ target }}
        when '<' then {{ bound }} < {{ target }}
        when '=' then {{ bound }} = {{ target }}
    end
{%- endmacro %}

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


{#- Whether numerator / denominator satisfies the target, in integers: nothing is rounded. target_e6 is in millionths. -#}
{% macro satisfies(numerator, denominator, operator, target_e6) -%}
    case {{ operator }}
        when '>=' then {{ numerator }} * 1000000 >= {{ target_e6 }} * {{ denominator }}
        when '>' then {{ numerator }} * 1000000 > {{ target_e6 }} * {{ denominator }}
        when '<=' then {{ numerator }} * 1000000 <= {{ target_e6 }} * {{ denominator }}
        when '<' then {{ numerator }} * 1000000 < {{ target_e6 }} * {{ denominator }}
        when '=' then {{ numerator }} * 1000000 = {{ target_e6 }} * {{ denominator }}
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

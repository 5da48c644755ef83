{#-
Classes of the yearly examination: BMI by WS/T 586-2018 and WS/T 456-2014, by sex and half-year age. They are not the BMI
bands of the fitness standard, which go by grade: the same pupil may be normal in one and overweight in the other.
-#}

{#- Months since the year 0 of a date number: 20240930 is 2024 * 12 + 9. -#}
{% macro month_number(date_number) -%}
    ({{ whole_part(date_number, '100') }}) - 88 * ({{ whole_part(date_number, '10000') }})
{%- endmacro %}


{#-
Completed half years from birth to examination, both as date numbers (20240930); null when either is unknown. A month is
completed on the day of birth, and where the month has no such day on the first of the next.
-#}
{% macro half_years(born, examined_on) -%}
    case
        when {{ examined_on }} > 0 and {{ born }} is not null then cast({{ whole_part(
            month_number(examined_on) ~ ' - (' ~ month_number(born) ~ ') - case when '
            ~ day_of_month(examined_on) ~ ' < ' ~ day_of_month(born) ~ ' then 1 else 0 end', '6'
        ) }} as integer)
    end
{%- endmacro %}


{#- The day in a date number. -#}
{% macro day_of_month(date_number) -%}
    {{ date_number }} - 100 * ({{ whole_part(date_number, '100') }})
{%- endmacro %}


{#- The joins of an examination to its pupil on the autumn roster (alias p) and to the limits of its age (alias c). -#}
{% macro join_exam_classes(exam) -%}
left join {{ ref('int_pupils') }} as p on {{ exam }}.period || '-1' = p.period and {{ exam }}.pupil = p.pupil
left join {{ ref('int_exam_classes') }} as c
    on
        coalesce({{ exam }}.sex, p.sex) = c.sex
        and {{ half_years('p.born', exam ~ '.check_key') }} = c.half_years
{%- endmacro %}


{#- What an examination says, select list: null where it was not measured, or where age or sex are unknown or outside the tables. -#}
{% macro exam_results(exam) -%}
{%- set counts = ['decay_d', 'missing_d', 'filled_d', 'decay_p', 'missing_p', 'filled_p'] -%}
{%- set e1 = bmi_e1(exam ~ '.weight_g', exam ~ '.height_mm') -%}
case
        when {{ exam }}.weight_g > 0 and {{ exam }}.height_mm > 0 and c.half_years is not null then
            case
                when {{ e1 }} <= c.thin_severe_to_e1 then 'thin_moderate_severe'
                when {{ e1 }} <= c.thin_mild_to_e1 then 'thin_mild'
                when {{ e1 }} >= c.obese_from_e1 then 'obese'
                when {{ e1 }} >= c.overweight_from_e1 then 'overweight'
                else 'normal'
            end
    end as bmi_class,
    case when {{ exam }}.height_mm > 0 then {{ exam }}.height_mm <= c.stunted_to_mm end as stunted,
    case
        when coalesce({% for n in counts %}{{ exam }}.{{ n }}{{ ', ' if not loop.last }}{% endfor %}) is not null
            then {% for n in counts %}coalesce({{ exam }}.{{ n }}, 0){{ ' + ' if not loop.last }}{% endfor %} > 0
    end as caries,
    case when {{ exam }}.spine in ('normal', 'bent') then {{ exam }}.spine = 'bent' end as spine_bent,
    -- whether it was measured is all there is to say: no limits are among the standards
    case when {{ exam }}.systolic > 0 and {{ exam }}.diastolic > 0 then true end as pressure_measured
{%- endmacro %}

{#-
Scoring by the national fitness standard of 2014. Every measured value finds its row in int_fitness_points by one integer
key per item, so a million tests cost a million look-ups and nothing is compared row by row. A table expression that is
scored has the columns of `fitness_judged_by` and the measured items.
-#}

{#- The ten tested items; BMI comes from height and weight. -#}
{% macro fitness_tests() -%}
    {{- return([
        'vital_capacity', 'run_50m', 'sit_reach', 'rope', 'sit_up', 'shuttle_50x8', 'standing_jump', 'pull_up', 'run_800m',
        'run_1000m'
    ]) -}}
{%- endmacro %}


{#- All eleven items with a weight. -#}
{% macro fitness_items() -%}
    {{- return(['bmi'] + fitness_tests()) -}}
{%- endmacro %}


{#- Whole part of a quotient of non-negative integers. -#}
{% macro whole_part(numerator, denominator) -%}
    ({{ numerator }}) // ({{ denominator }})
{%- endmacro %}


{#- Body mass index in tenths, half up, from grams and millimetres; integers all the way. -#}
{% macro bmi_e1(weight_g, height_mm) -%}
    {%- set square = 'cast(' ~ height_mm ~ ' as bigint) * ' ~ height_mm -%}
    cast({{ whole_part('cast(20000 as bigint) * ' ~ weight_g ~ ' + ' ~ square, '2 * ' ~ square) }} as integer)
{%- endmacro %}


{#- Where the values of a grade and sex begin in int_fitness_points: steps of 10,000, room for values from -1,000 to 8,999. -#}
{% macro fitness_base(grade, sex) -%}
    ({{ grade }} * 2 + case {{ sex }} when 'female' then 1 when 'male' then 0 end) * 10000 + 1000
{%- endmacro %}


{#- Select list of a test that is to be scored: grade and sex it is judged by, and the base of its keys; the exempt have none. -#}
{% macro fitness_judged_by(row, roster) -%}
coalesce({{ row }}.grade, {{ roster }}.grade) as judged_grade,
        coalesce({{ row }}.sex, {{ roster }}.sex) as judged_sex,
        case
            when coalesce({{ row }}.participation, '') <> 'exempt' then
                {{ fitness_base('coalesce(' ~ row ~ '.grade, ' ~ roster ~ '.grade)', 'coalesce(' ~ row ~ '.sex, ' ~ roster ~ '.sex)') }}
        end as judged_base
{%- endmacro %}


{#- CTE body: how far the tables reach, one row: from the first value that scores 0 to the first that scores the most. -#}
{% macro fitness_reach() -%}
select
    {%- for item in fitness_items() %}
    min(case when item = '{{ item }}' then coalesce(from_value, to_value) end) as {{ item }}_low,
    max(case when item = '{{ item }}' then coalesce(to_value, from_value) end) as {{ item }}_high{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('int_fitness_steps') }}
{%- endmacro %}


{#- The joins of a test to the row of each item. Who is exempt is judged by no table. -#}
{% macro join_fitness_points(tests, reach) -%}
cross join {{ reach }}
{% for item in fitness_items() -%}
{%- set value = bmi_e1(tests ~ '.weight_g', tests ~ '.height_mm') if item == 'bmi' else tests ~ '.' ~ item -%}
{%- set measured = tests ~ '.weight_g > 0 and ' ~ tests ~ '.height_mm > 0' if item == 'bmi' else value ~ ' is not null' -%}
{%- set within = 'least(greatest(' ~ value ~ ', ' ~ reach ~ '.' ~ item ~ '_low), ' ~ reach ~ '.' ~ item ~ '_high)' -%}
left join {{ ref('int_fitness_points') }} as at_{{ item }}
    on
        at_{{ item }}.item = '{{ item }}'
        and at_{{ item }}.lookup = case
            when {{ measured }} then {{ tests }}.judged_base + {{ within }}
        end
{% endfor %}
{%- endmacro %}


{#- What the joins give: the score of each item, what they weigh, the sum in hundredths of a point and the bonus. -#}
{% macro fitness_scores(tests) -%}
at_bmi.bmi_class,
    {%- for item in fitness_items() %}
    cast(at_{{ item }}.score as integer) as score_{{ item }},
    {%- endfor %}
    cast({% for item in fitness_tests() %}coalesce(at_{{ item }}.weight, 0){{ ' + ' if not loop.last }}{% endfor %} as integer) as tested_weight,
    cast({% for item in fitness_items() %}coalesce(at_{{ item }}.weight, 0){{ ' + ' if not loop.last }}{% endfor %} as integer) as known_weight,
    cast({% for item in fitness_items() %}coalesce(at_{{ item }}.score * at_{{ item }}.weight, 0){{ ' + ' if not loop.last }}{% endfor %} as integer) as points_e2,
    cast(least({{ tests }}.bonus_most, {% for item in fitness_tests() %}coalesce(at_{{ item }}.bonus, 0){{ ' + ' if not loop.last }}{% endfor %}) as integer) as points_bonus
{%- endmacro %}


{#-
CTEs that end in `scored`: the tests of a relation, where a condition on its alias r holds, by the grade and sex they are
judged by and the rules of their year, with the score of each item.
-#}
{% macro fitness_scored(rows, condition) -%}
tests as (
    select
        r.*,
        {{ fitness_judged_by('r', 'p') }},
        u.fitness_bonus_most as bonus_most
    from {{ rows }} as r
    left join {{ ref('int_pupils') }} as p on r.period || '-1' = p.period and r.pupil = p.pupil
    left join {{ ref('int_rules') }} as u on r.period || '-1' = u.period
    where {{ condition }}
),

reach as (
    {{ fitness_reach() }}
),

scored as (
    select
        t.*,
        {{ fitness_scores('t') }}
    from tests as t
    {{ join_fitness_points('t', 'reach') }}
)
{%- endmacro %}


{#-
What became of a test. A missing item adds nothing to the total (partial); who has no item of the table of their grade and
sex has no total: neither failed nor passed. Height and weight alone are not a test.
-#}
{% macro fitness_status(scored) -%}
    case
        when {{ scored }}.participation = 'exempt' then 'exempt'
        when {{ scored }}.tested_weight > 0 and {{ scored }}.known_weight = 100 then 'complete'
        when {{ scored }}.tested_weight > 0 then 'partial'
        when {{ scored }}.participation = 'deferred' then 'deferred'
        else 'absent'
    end
{%- endmacro %}


{#- The total in tenths of a point, half up: it is rounded before it is judged, and the bonus is not weighted. -#}
{% macro fitness_total_e1(standard_e2, bonus) -%}
    {{ whole_part(standard_e2 ~ ' + 100 * ' ~ bonus ~ ' + 5', '10') }}
{%- endmacro %}


{#- Whether a total in tenths reaches a level of the rules in force (an alias of int_rules). -#}
{% macro fitness_reaches(total_e1, rules, level) -%}
    {{ total_e1 }} >= {{ rules }}.fitness_{{ level }}
{%- endmacro %}

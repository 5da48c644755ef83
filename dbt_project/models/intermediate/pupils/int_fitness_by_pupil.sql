-- Grain: school year x pupil with a fitness row, corrections applied. Height and weight alone are not a test. Grade and sex
-- are those of the sheet, at the time of the test; where it names none, the roster's. Totals are integers: standard_e2 in
-- hundredths, total_e1 in tenths of a point, half up; null where there is nothing to judge.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['fitness_test']}
) }}
with {{ fitness_scored(ref('int_fitness_current'), touched('r.period')) }},

judged as (
    select
        s.*,
        {{ fitness_status('s') }} as status
    from scored as s
)

select
    period,
    pupil,
    status = 'exempt' as exempt,
    coalesce({{ fitness_tests() | join(', ') }}) is not null as tested,
    status,
    bmi_class,
    {%- for item in fitness_items() %}
    score_{{ item }},
    {%- endfor %}
    case when status in ('complete', 'partial') then points_e2 end as standard_e2,
    case when status in ('complete', 'partial') then points_bonus end as bonus,
    case when status in ('complete', 'partial') then {{ fitness_total_e1('points_e2', 'points_bonus') }} end as total_e1
from judged

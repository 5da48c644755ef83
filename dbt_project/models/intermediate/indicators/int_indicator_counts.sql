-- Grain: indicator x period x school x stage x grade x sex: numerator and denominator of every indicator.
-- reported is false where a duty of coverage was not shown: the school delivered no row of its feed. What its pupils may
-- have had elsewhere then counts for nobody: a promise not shown is not kept. The same where a form leaves its item blank.
{{ config(materialized='view') }}
{% set indicators = [
    'vision_two_checks', 'poor_vision', 'poor_vision_mild', 'poor_vision_moderate', 'poor_vision_severe',
    'screening_myopia', 'exam_coverage', 'fitness_coverage', 'fitness_pass', 'fitness_good', 'fitness_excellent',
    'fitness_exempt', 'fitness_bmi_normal', 'fitness_bmi_thin', 'fitness_bmi_overweight', 'fitness_bmi_obese',
    'fitness_mean_bmi', 'fitness_mean_vital_capacity', 'fitness_mean_run_50m', 'fitness_mean_sit_reach',
    'fitness_mean_rope', 'fitness_mean_sit_up', 'fitness_mean_shuttle_50x8', 'fitness_mean_standing_jump',
    'fitness_mean_pull_up', 'fitness_mean_run_800m', 'fitness_mean_run_1000m', 'films_per_pupil', 'films_two',
    'canteens_inspected', 'inspection_frequency_met', 'inspection_key_failed', 'inspection_closed_on_time',
    'kitchen_open', 'kitchen_internet', 'health_file', 'exam_overweight', 'exam_obesity', 'exam_thinness',
    'exam_stunting', 'exam_caries', 'exam_spine', 'vision_change', 'inspection_finding', 'inspection_repeat',
    'exam_blood_pressure', 'film_schools'
] %}
with counts as (
    {% for indicator in indicators %}
    select
        indicator,
        period,
        school,
        stage,
        grade,
        sex,
        numerator,
        denominator,
        true as shown
    from {{ ref('ind_' ~ indicator) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% for family in [
        'ind_resources', 'ind_school_conditions', 'ind_class_sizes', 'ind_school_provision', 'ind_standard_pace'
    ] %}
    union all
    select
        indicator,
        period,
        school,
        stage,
        grade,
        sex,
        numerator,
        denominator,
        reported as shown
    from {{ ref(family) }}
    {% endfor %}
)

select
    n.indicator,
    n.period,
    n.school,
    n.stage,
    n.grade,
    n.sex,
    case when r.school is not null or not i.coverage_duty then n.numerator else 0 end as numerator,
    n.denominator,
    n.shown and (r.school is not null or not i.coverage_duty) as reported
from counts as n
inner join {{ ref('indicators_seed') }} as i on n.indicator = i.code
left join {{ ref('int_reported') }} as r
    on n.indicator = r.indicator and n.period = r.period and n.school = r.school
where n.denominator > 0

-- Grain: indicator x period x school x stage x grade x sex: numerator and denominator of every indicator.
-- reported is false where a duty of coverage was not shown: the school delivered no row of its feed. What its pupils may
-- have had elsewhere then counts for nobody: a promise not shown is not kept. The same where a form leaves its item blank.
{{ config(materialized='view') }}
{% set families = [
    'ind_vision', 'ind_examination', 'ind_fitness', 'ind_films', 'ind_canteens', 'ind_class_sizes', 'ind_school_provision',
    'ind_resources', 'ind_school_conditions', 'ind_standard_pace'
] %}
with counts as (
    {% for family in families %}
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
    {% if not loop.last %}union all{% endif %}
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

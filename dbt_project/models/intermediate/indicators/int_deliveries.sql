-- Grain: feed x period x school: rows delivered and not refused, and those of pupils who are not on the roster (unlinked).
-- A row without a school speaks for the school that answers for its pupil.
{% set row_models = {
    'school_register': 'int_register_rows', 'student_roster': 'int_roster_rows', 'class_roster': 'int_class_rows',
    'vision_check': 'int_vision_rows', 'physical_exam': 'int_exam_rows', 'fitness_test': 'int_fitness_rows',
    'film_screening': 'int_film_rows', 'food_inspection': 'int_inspection_rows', 'kitchen_register': 'int_kitchen_rows'
} %}
{% set records = {'vision_check': 'r.period', 'physical_exam': "r.period || '-1'", 'fitness_test': "r.period || '-1'"} %}
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': [
            'school_register', 'student_roster', 'class_roster', 'vision_check', 'physical_exam', 'fitness_test',
            'film_screening', 'food_inspection', 'kitchen_register'
        ],
        'by_feed': true
    }
) }}
{% set branches = [] %}
{% for feed, rows in row_models.items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    r.period,
    r.school,
    cast(count(*) as bigint) as rows_accepted,
    cast({{ 'sum(case when r.linked then 0 else 1 end)' if feed in records else '0' }} as bigint) as rows_unlinked
from {{ ref(rows) }} as r
where coalesce(r.drop_reason, 'replaced') = 'replaced' and r.school is not null and $touched
group by r.period, r.school
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{% for feed, roster_period in records.items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    r.period,
    p.school,
    cast(count(*) as bigint) as rows_accepted,
    cast(sum(case when r.linked then 0 else 1 end) as bigint) as rows_unlinked
from {{ ref(row_models[feed]) }} as r
left join {{ ref('int_pupils') }} as p on {{ roster_period }} = p.period and r.pupil = p.pupil
where coalesce(r.drop_reason, 'replaced') = 'replaced' and r.school is null and $touched
group by r.period, p.school
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

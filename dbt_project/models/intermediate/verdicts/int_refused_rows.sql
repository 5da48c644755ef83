-- Grain: a landed row that the school register refuses: its school is in no register, or had closed before the row's date.
{% set row_models = {
    'student_roster': 'int_roster_rows', 'class_roster': 'int_class_rows', 'vision_check': 'int_vision_rows',
    'physical_exam': 'int_exam_rows', 'fitness_test': 'int_fitness_rows', 'film_screening': 'int_film_rows',
    'food_inspection': 'int_inspection_rows', 'kitchen_register': 'int_kitchen_rows'
} %}
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': [
            'student_roster', 'class_roster', 'vision_check', 'physical_exam', 'fitness_test', 'film_screening',
            'food_inspection', 'kitchen_register'
        ],
        'by_feed': true
    }
) }}
{% set branches = [] %}
{% for feed, rows in row_models.items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    period,
    school,
    delivery_id,
    part,
    file_sha256,
    member,
    sheet,
    row_number,
    {{ 'coalesce(by_name, false)' if feed == 'food_inspection' else 'false' }} as by_name,
    drop_reason as rule
from {{ ref(rows) }}
where drop_reason in ('unknown_school', 'closed_school') and $touched
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches) }}

-- Grain: a landed row that the school register refuses: its school is in no register, had closed before the row's
-- date, or does not teach the row's grade.
{% set refusing = [
    'student_roster', 'class_roster', 'vision_check', 'physical_exam', 'fitness_test', 'film_screening', 'food_inspection',
    'kitchen_register'
] %}
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
{% for feed in refusing %}
{% set branch %}
select{{ ' distinct' if feed == 'food_inspection' }}  -- a sheet row may carry every item of a check
    '{{ feed }}' as feed,
    r.period,
    r.school,
    r.delivery_id,
    r.part,
    r.file_sha256,
    r.member,
    r.sheet,
    r.row_number,
    {{ 'coalesce(r.by_name, false)' if feed == 'food_inspection' else 'false' }} as by_name,
    {{ 'r.grade' if feed in graded_feeds() else 'cast(null as integer)' }} as grade,
    {{ refusal(feed, 'r', feeds()[feed]) }} as rule
from {{ delivered_rows(feed) }} as r
{{ join_register('r') }}
where {{ refusal(feed, 'r', feeds()[feed]) }} is not null and $touched
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

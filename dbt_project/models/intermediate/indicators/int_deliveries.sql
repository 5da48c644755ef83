-- Grain: feed x period x school: rows delivered and not refused.
-- A row without a school speaks for the school that answers for its pupil.
{% set rows_with_pupils = {
    'vision_check': ['int_vision_rows', 'r.period'],
    'physical_exam': ['int_exam_rows', "r.period || '-1'"],
    'fitness_test': ['int_fitness_rows', "r.period || '-1'"]
} %}
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': feeds().keys() | list,
        'by_feed': true
    }
) }}
{% set branches = [] %}
{% for feed, record_date in feeds().items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    r.period,
    r.school,
    cast(count(*) as bigint) as rows_accepted
from {{ delivered_rows(feed) }} as r
{% if feed != 'school_register' %}
{{ join_register('r') }}
where r.school is not null and {{ refusal(feed, 'r', record_date) }} is null and $touched
{% else %}
where r.school is not null and $touched
{% endif %}
group by r.period, r.school
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{% for feed, (rows, roster_period) in rows_with_pupils.items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    r.period,
    p.school,
    cast(count(*) as bigint) as rows_accepted
from {{ ref(rows) }} as r
left join {{ ref('int_pupils') }} as p on {{ roster_period }} = p.period and r.pupil = p.pupil
where r.school is null and $touched
group by r.period, p.school
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

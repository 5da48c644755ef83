-- Grain: an accepted row of which no value is in force: later rows of its key overwrote all of it, or a delivery replaced
-- its whole scope. A row still counts as current while one of its values does.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': feeds().keys() | list,
        'by_feed': true
    }
) }}
{% set keyed = {
    'school_register': ['int_register', ['period', 'school'], ['school']],
    'student_roster': ['int_roster', ['period', 'pupil', 'school'], ['school']],
    'class_roster': ['int_class', ['period', 'school', 'grade', 'class_no'], ['school', 'grade', 'class_no']],
    'vision_check': ['int_vision', ['period', 'pupil', 'check_key'], []],
    'physical_exam': ['int_exam', ['period', 'pupil', 'check_key'], []],
    'fitness_test': ['int_fitness', ['period', 'pupil', 'check_key'], []],
    'film_screening': [
        'int_film', ['period', 'school', 'grade_key', 'class_key', 'title_key', 'shown_key', 'start_key'],
        ['school', 'grade', 'class_no', 'title', 'shown_on', 'starts_at']
    ],
    'food_inspection': ['int_inspection', ['period', 'school', 'inspection_id', 'item'], ['school', 'inspection_id', 'item']],
    'kitchen_register': ['int_kitchen', ['period', 'school'], ['school']],
    'school_form': ['int_school_form', ['period', 'school'], ['school']],
    'county_form': ['int_county_form', ['period', 'county'], ['county']],
    'reported_measure': ['int_measure', ['period', 'measure_key'], []],
    'commitment_evidence': ['int_evidence', ['period', 'evidence_key'], []],
    'county_certification': [
        'int_certification', ['period', 'county', 'level', 'decided_on'], ['county', 'level', 'decided_on']
    ],
    'case_event': ['int_case_event', ['period', 'case_no', 'event', 'happened_on'], ['case_no', 'event', 'happened_on']]
} %}
{% set branches = [] %}
{% for feed, (model, keys, no_values) in keyed.items() %}
{% set branch %}
{{ superseded_rows(feed, ref(model ~ '_repeated'), keys, value_columns(feed, no_values)) }}
union all
select
    '{{ feed }}' as feed,
    r.period,
    r.delivery_id,
    r.part,
    r.row_number
from {{ ref(model ~ '_rows') }} as r
inner join (
    select distinct period
    from {{ ref('int_register_replacing' if feed == 'school_register' else 'int_replacing') }}
    where feed = '{{ feed }}'
) as x on r.period = x.period
where r.drop_reason = 'replaced' and $touched
{% endset %}
{% if feed == 'food_inspection' %}
{% set branch %}
{#- a sheet row may carry every item of a check: it goes out of force with the last of them -#}
select
    s.feed,
    s.period,
    s.delivery_id,
    s.part,
    s.row_number
from ({{ branch }}) as s
inner join (
    select
        r.period,
        r.delivery_id,
        r.part,
        r.row_number,
        count(*) as items
    from {{ ref(model ~ '_rows') }} as r
    where coalesce(r.drop_reason, 'replaced') = 'replaced' and $touched
    group by r.period, r.delivery_id, r.part, r.row_number
) as n on s.period = n.period and s.delivery_id = n.delivery_id and s.part = n.part and s.row_number = n.row_number
group by s.feed, s.period, s.delivery_id, s.part, s.row_number, n.items
having count(*) = n.items
{% endset %}
{% endif %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

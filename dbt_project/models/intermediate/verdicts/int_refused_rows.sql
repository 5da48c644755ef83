-- Grain: a landed row that the school register refuses: its school is in no register, had closed before the row's
-- date, or does not teach the row's grade; or by the areas: its county is none.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': feeds().keys() | reject('equalto', 'school_register') | list,
        'by_feed': true
    }
) }}
{% set branches = [] %}
{% for feed, record_date in feeds().items() if feed != 'school_register' %}
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
    {{ 'r.county' if feed in county_feeds() else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as county,
    {{ 'r.grade' if feed in graded_feeds() else 'cast(null as integer)' }} as grade,
    {{ refusal(feed, 'r', record_date) }} as rule
from {{ delivered_rows(feed) }} as r
{{ join_register('r') }}
where {{ refusal(feed, 'r', record_date) }} is not null and $touched
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

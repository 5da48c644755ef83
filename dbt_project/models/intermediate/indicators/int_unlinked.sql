-- Grain: feed x period x school: accepted rows whose pupil is not on the roster of the period; they count nowhere.
{% set rows_with_pupils = {'vision_check': 'vision', 'physical_exam': 'exam', 'fitness_test': 'fitness'} %}
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['vision_check', 'physical_exam', 'fitness_test'], 'by_feed': true}
) }}
{% set branches = [] %}
{% for feed, name in rows_with_pupils.items() %}
{% set branch %}
select
    '{{ feed }}' as feed,
    r.period,
    r.school,
    cast(count(*) as bigint) as rows_unlinked
from {{ ref('stg_' ~ feed) }} as r
inner join {{ ref('int_' ~ name ~ '_links') }} as own
    on own.kind = 'own' and r.period = own.period and {{ own_token('r') }} = own.token
{% for kind in ['id', 'no', 'num'] -%}
left join {{ ref('int_' ~ name ~ '_links') }} as {{ kind }}_link
    on
        {{ kind }}_link.kind = '{{ kind }}'
        and r.period = {{ kind }}_link.period
        and r.pupil_{{ kind }} = {{ kind }}_link.token
{% endfor %}
{{ join_register('r') }}
where
    coalesce(id_link.pupil, no_link.pupil, num_link.pupil) is null
    and {{ refusal(feed, 'r', feeds()[feed]) }} is null
    and $touched
group by r.period, r.school
{% endset %}
{% do branches.append((feed, branch)) %}
{% endfor %}
{{ union_touched(branches, 'r.period') }}

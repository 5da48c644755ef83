-- Grain: indicator x school year x school. Canteens: inspected at all (self-checks aside), as often as their risk grade asks, with an
-- open kitchen, with one on line; inspections: with a failed item, with a failed key item, with all due findings closed on
-- time; findings found again of those looked at again.
{% set canteens = {
    'canteens_inspected': ['inspected', 'canteens'],
    'inspection_frequency_met': ['often_enough', 'canteens'],
    'kitchen_open': ['open_kitchens', 'kitchens'],
    'kitchen_internet': ['internet_kitchens', 'kitchens']
} %}
{% set inspections = {
    'inspection_finding': ['int_inspections', 'found', '1 = 1'],
    'inspection_key_failed': ['int_inspections', 'key_failed', '1 = 1'],
    'inspection_closed_on_time': ['int_inspections', 'closed', 'i.due = 1'],
    'inspection_repeat': ['int_repeat_findings', 'failed_again', '1 = 1']
} %}
{{ config(
    materialized='view', meta={'indicators': (canteens.keys() | list) + (inspections.keys() | list)}
) }}
{% for code, (numerator, denominator) in canteens.items() %}
select
    '{{ code }}' as indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast({{ numerator }} as bigint) as numerator,
    cast({{ denominator }} as bigint) as denominator,
    true as reported
from {{ ref('int_canteen_schools') }}
union all
{% endfor %}
{% for code, (counts, numerator, among) in inspections.items() %}
select
    '{{ code }}' as indicator,
    i.period,
    i.school,
    s.stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(i.{{ numerator }}) as bigint) as numerator,
    cast(count(*) as bigint) as denominator,
    true as reported
from {{ ref(counts) }} as i
inner join {{ ref('int_schools') }} as s on i.period = s.school_year and i.school = s.school
where {{ among }}
group by i.period, i.school, s.stage
{% if not loop.last %}union all{% endif %}
{% endfor %}

-- Grain: school year x county x stage. What a county form answers, items of the assessment first: numerator of denominator.
{{ config(materialized='view', meta={'indicators': [
    'G7', 'G8', 'G11', 'G11_backbone', 'G14', 'G14_rural', 'G15', 'Q2', 'migrant_public', 'fund_norm'
]}) }}
{% set items = [
    ['G7', 'compulsory', 'special_fund_yuan', 'special_pupils'],
    ['G8', 'compulsory', 'teacher_pay_yuan', 'servant_pay_yuan'],
    ['G11', 'compulsory', 'exchanged', 'exchange_eligible'],
    ['G11_backbone', 'compulsory', 'exchanged_backbone', 'exchanged'],
    ['G14', 'junior', 'quota_shared', 'quota_plan'],
    ['G14_rural', 'junior', 'quota_rural', 'quota_shared'],
    ['G15', 'compulsory', 'migrant_public + coalesce(migrant_bought, 0)', 'migrant_eligible'],
    ['Q2', 'compulsory', 'disabled_enrolled', 'disabled_children'],
    ['migrant_public', 'compulsory', 'migrant_public', 'migrant_eligible'],
    ['fund_norm', 'primary', 'fund_primary_e2', '1'],
    ['fund_norm', 'junior', 'fund_junior_e2', '1']
] %}
{% for code, stage, numerator, denominator in items %}
select
    '{{ code }}' as indicator,
    period,
    county,
    '{{ stage }}' as stage,
    cast({{ numerator }} as bigint) as numerator,
    cast({{ denominator }} as bigint) as denominator,
    true as reported
from {{ ref('int_county_form_current') }}
where {{ numerator }} is not null and {{ denominator }} > 0
{% if not loop.last %}union all{% endif %}
{% endfor %}

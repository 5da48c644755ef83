-- Grain: indicator x period x county x stage: the indicators that have no figure of a school. Few rows that cost more to plan
-- than to read, and several models read them: so it is a table.
{% set families = [
    'ind_resource_variation', 'ind_county_conditions', 'ind_county_evidence', 'ind_county_survey', 'ind_certification'
] %}
{% for family in families %}
select
    indicator,
    period,
    county,
    stage,
    numerator,
    denominator,
    reported
from {{ ref(family) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

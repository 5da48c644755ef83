-- Grain: school year in which any feed has a row that speaks of the year as a whole. An old certificate, document or event alone
-- opens no year: nobody owes anything for it.
{% set opening = feeds().keys() | reject('in', ['commitment_evidence', 'county_certification', 'case_event']) | list %}
{% for feed in opening %}
select distinct school_year from {{ ref('stg_' ~ feed) }}
where school_year is not null
{% if not loop.last %}union{% endif %}
{% endfor %}

-- Grain: school year x county. Certified by the province, by the state, and in the order of the four states (self, city, province,
-- state: none is passed before the one below it; where nothing is passed nothing is out of order). A county that never delivered a state
-- is not reported; one that the register does not name counts by its own certification.
{{ config(materialized='view', meta={'indicators': ['certified_province', 'certified_state', 'certification_in_order']}) }}
with counties as (
    select
        school_year,
        county
    from {{ ref('int_schools_in_duty') }}
    where county is not null
    union
    select
        school_year,
        county
    from {{ ref('int_certified') }}
    where county is not null
),

states as (
    select
        c.school_year,
        c.county,
        count(s.level) as spoken,
        max(case when s.level = 'self' then s.passed_on end) as self_on,
        max(case when s.level = 'city' then s.passed_on end) as city_on,
        max(case when s.level = 'province' then s.passed_on end) as province_on,
        max(case when s.level = 'state' then s.passed_on end) as state_on
    from counties as c
    left join {{ ref('int_certified') }} as s on c.school_year = s.school_year and c.county = s.county
    group by c.school_year, c.county
)
{% set in_order %}
(city_on is null or coalesce(self_on <= city_on, false))
        and (province_on is null or coalesce(city_on <= province_on, false))
        and (state_on is null or coalesce(province_on <= state_on, false))
{% endset %}
{% set items = [
    ['certified_province', 'province_on is not null'],
    ['certified_state', 'state_on is not null'],
    ['certification_in_order', in_order]
] %}
{% for code, counts in items %}
select
    '{{ code }}' as indicator,
    school_year as period,
    county,
    'compulsory' as stage,
    cast(case when {{ counts }} then 1 else 0 end as bigint) as numerator,
    cast(1 as bigint) as denominator,
    spoken > 0 as reported
from states
{% if not loop.last %}union all{% endif %}
{% endfor %}

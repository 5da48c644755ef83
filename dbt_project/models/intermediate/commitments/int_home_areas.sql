-- Grain: area that the deliveries of this home speak of: counties of the register or of a county's own delivery, their cities and
-- provinces.
{% set speaking = [
    'int_register_current', 'int_county_form_current', 'int_measure_current', 'int_evidence_current',
    'int_certification_current', 'int_case_event_current'
] %}
with named as (
    {% for model in speaking %}
    select county as area from {{ ref(model) }}
    where county is not null
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

known as (
    select
        a.area,
        a.level,
        case a.level when 'county' then a.parent when 'city' then a.area end as city,
        case a.level when 'county' then c.parent when 'city' then a.parent else a.area end as province
    from named as n
    inner join {{ ref('areas') }} as a on n.area = a.area
    left join {{ ref('areas') }} as c on a.parent = c.area
)

select
    area,
    'county' as level,
    city,
    province
from known
where level = 'county'
union
select
    city as area,
    'city' as level,
    city,
    province
from known
where city is not null
union
select
    province as area,
    'province' as level,
    cast(null as {{ dbt.type_string() }}) as city,
    province
from known
where province is not null

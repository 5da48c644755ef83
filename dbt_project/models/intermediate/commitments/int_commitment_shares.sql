-- Grain: commitment x part x period x area: how many of its schools, or of its counties, keep what each of them must. Counties are those
-- of the area list: zones without a code of their own are in none, and who never spoke is counted too.
with placed as (
    select
        j.*,
        s.county,
        s.city
    from {{ ref('int_commitment_judged') }} as j
    inner join {{ ref('int_schools') }} as s on j.entity = s.school and substr(j.period, 1, 9) = s.school_year
    where j.level = 'school' and j.judged_at = 'school'
),

counties_of as (
    select
        a.area as county,
        h.area,
        h.level,
        count(*) over (partition by h.area) as counties
    from {{ ref('int_home_areas') }} as h
    inner join {{ ref('areas_seed') }} as c on h.level = 'city' and h.area = c.area or h.level = 'province' and h.area = c.parent
    inner join {{ ref('areas_seed') }} as a on c.area = a.parent
    where a.level = 'county' and a.kind in ('district', 'county', 'city')
),

of_areas as (
    {% for level in ['county', 'city'] %}
    select
        commitment,
        part,
        period,
        '{{ level }}' as level,
        {{ level }} as entity,
        sum(case when status = 'met' then 1 else 0 end) as kept,
        count(*) as asked,
        max(case when status = 'not_met' then 1 else 0 end) as broken,
        max({{ severity('status') }}) as worst
    from placed
    where {{ level }} is not null
    group by commitment, part, period, {{ level }}
    union all
    {% endfor %}
    select
        j.commitment,
        j.part,
        j.period,
        a.level,
        a.area as entity,
        sum(case when j.numerator > 0 then 1 else 0 end) as kept,
        max(a.counties) as asked,
        0 as broken,
        case when sum(case when j.status = 'not_reported' then 0 else 1 end) < max(a.counties) then 5 else 1 end as worst
    from {{ ref('int_commitment_judged') }} as j
    inner join counties_of as a on j.entity = a.county
    where j.judged_at = 'county' and j.level = 'county'
    group by j.commitment, j.part, j.period, a.level, a.area
)

select
    o.*,
    p.stage,
    p.indicator,
    p.judged_at,
    p.optional,
    '>=' as operator,
    case when p.judged_at = 'school' then 1.0 else p.target end as target,
    cast(o.kept as double) / cast(o.asked as double) as value
from of_areas as o
inner join {{ ref('int_commitment_parts') }} as p on o.commitment = p.commitment and o.part = p.part

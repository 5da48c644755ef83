-- Grain: school year x commitment x entity: what was reported or shown, for areas and for schools. A document of a school that is
-- not done breaks what is said of its area; schools alone speak for their area when every one of them does.
{% set schools_asked %}
(c.stage = 'all' or d.stage in ('compulsory', c.stage) or (c.stage = 'compulsory' and d.stage in ('primary', 'junior')))
{% endset %}
with by_schools as (
    select
        school_year,
        commitment,
        area,
        max(case when status = 'not_met' then 1 else 0 end) as broken,
        max(case when status = 'not_met' and by_document then 1 else 0 end) as document_broken,
        count(*) as schools,
        sum(case when status = 'met' then 1 else 0 end) as schools_met
    from {{ ref('int_commitment_answers') }}
    where school <> ''
    group by school_year, commitment, area
),

own as (
    select *
    from {{ ref('int_commitment_answers') }}
    where school = ''
),

in_duty as (
    select
        b.school_year,
        b.commitment,
        b.area,
        count(*) as schools
    from by_schools as b
    inner join {{ ref('commitments_seed') }} as c on b.commitment = c.commitment
    inner join {{ ref('int_schools_in_duty') }} as d
        on b.school_year = d.period and b.area = d.county and {{ schools_asked }}
    group by b.school_year, b.commitment, b.area
)

select
    school_year,
    commitment,
    area,
    school as entity,
    'school' as entity_level,
    status,
    unit,
    value,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    operator,
    target,
    evidence
from {{ ref('int_commitment_answers') }}
where school <> ''
union all
select
    coalesce(o.school_year, b.school_year) as school_year,
    coalesce(o.commitment, b.commitment) as commitment,
    coalesce(o.area, b.area) as area,
    coalesce(o.area, b.area) as entity,
    'area' as entity_level,
    case
        when o.by_document and b.document_broken = 1 then 'not_met'
        when o.commitment is not null then o.status
        when b.broken = 1 then 'not_met'
        when b.schools_met >= coalesce(d.schools, 1) then 'met'
        else 'not_reported'
    end as status,
    case when o.commitment is not null then o.unit else 'share' end as unit,
    case when o.commitment is not null then o.value else cast(b.schools_met as double) / greatest(b.schools, d.schools) end as value,
    cast(case when o.commitment is not null then o.numerator else b.schools_met end as bigint) as numerator,
    cast(case when o.commitment is not null then o.denominator else greatest(b.schools, d.schools) end as bigint) as denominator,
    case when o.commitment is not null then o.operator else '=' end as operator,
    case when o.commitment is not null then o.target else 1.0 end as target,
    o.evidence
from own as o
full outer join by_schools as b
    on o.school_year = b.school_year and o.commitment = b.commitment and o.area = b.area
left join in_duty as d
    on b.school_year = d.school_year and b.commitment = d.commitment and b.area = d.area

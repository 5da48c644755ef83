-- Grain: school year x county x item that documents or judgements show: 1 of 1 when shown to be done, 0 of 1 when shown not to
-- be, not reported where nobody showed anything. Vetoes: done means that nothing of the kind happened.
{{ config(materialized='view', meta={'indicators': [
        'G1', 'G2', 'G10', 'G15_care', 'Q3', 'Q5', 'Q6', 'Q7', 'Q8', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'P1', 'P2'
    ]}) }}
with counties as (
    select distinct
        school_year as period,
        county
    from {{ ref('int_schools_in_duty') }}
    where county is not null
),

-- every school of the compulsory stages but those whose form says that they are not assessed
assessed as (
    select
        d.period,
        d.county,
        d.school
    from {{ ref('int_schools_in_duty') }} as d
    left join {{ ref('int_school_forms') }} as f on d.period = f.period and d.school = f.school
    where
        d.period_type = 'year'
        and d.stage in ('primary', 'junior', 'compulsory')
        and f.excluded_reason is null
),

expected as (
    select
        period,
        county,
        count(*) as schools
    from assessed
    group by period, county
),

shown as (
    select
        e.period,
        e.item,
        e.county,
        -- a school's own finding of "not done" outweighs what was said of the county as a whole
        min(case when e.finding = 'done' then 1 else 0 end) as done,
        max(case when e.school = '' then 1 else 0 end) as for_the_county,
        count(distinct a.school) as schools
    from {{ ref('int_item_evidence') }} as e
    left join assessed as a on e.period = a.period and e.school = a.school
    where e.school = '' or a.school is not null
    group by e.period, e.item, e.county
)

select
    i.code as indicator,
    c.period,
    c.county,
    'compulsory' as stage,
    cast(coalesce(s.done, 0) as bigint) as numerator,
    cast(1 as bigint) as denominator,
    coalesce(s.done is not null and (s.for_the_county = 1 or s.done = 0 or s.schools >= a.schools), false) as reported
from counties as c
cross join {{ ref('indicators_seed') }} as i
left join shown as s on c.period = s.period and c.county = s.county and i.code = s.item
left join expected as a on c.period = a.period and c.county = a.county
where i.counted_unit = 'document'

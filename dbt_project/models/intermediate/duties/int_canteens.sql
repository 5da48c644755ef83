-- Grain: school year x school x canteen with at least one inspection that is no self-check: how often it was inspected and
-- how often the risk grade of its last inspection asks for. Of two on the last day the stricter grade counts.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['food_inspection']}
) }}
with visits as (
    select
        i.period,
        i.school,
        coalesce(i.canteen, 'main') as canteen,
        i.inspection_id,
        max(i.inspected_on) as inspected_on,
        max(coalesce(f.inspections_a_year, u.inspections_a_year)) as wanted
    from {{ ref('int_inspection_current') }} as i
    left join {{ ref('inspection_frequency') }} as f
        on i.risk_grade = f.risk_grade and i.inspected_on >= f.valid_from and i.inspected_on <= f.valid_to
    left join {{ ref('inspection_frequency') }} as u
        on u.risk_grade = 'unknown' and i.inspected_on >= u.valid_from and i.inspected_on <= u.valid_to
    where coalesce(i.inspection_type, '') <> 'self' and i.school <> '' and {{ touched('i.period') }}
    group by i.period, i.school, coalesce(i.canteen, 'main'), i.inspection_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by period, school, canteen
            order by inspected_on desc nulls last, wanted desc nulls last
        ) as place
    from visits
)

select
    period,
    school,
    canteen,
    count(*) as inspections,
    max(case when place = 1 then coalesce(wanted, 1) end) as inspections_wanted
from ranked
group by period, school, canteen

-- Grain: school year x school with canteens: the counts of canteens the food duties ask about. No count exceeds the canteens
-- that the school has; a school that is not in the open-kitchen register keeps the canteens of the school register.
{{ config(materialized='view') }}
with inspected as (
    select
        period,
        school,
        count(*) as canteens_inspected,
        sum(case when inspections >= inspections_wanted then 1 else 0 end) as often_enough
    from {{ ref('int_canteens') }}
    group by period, school
)

select
    d.period,
    d.school,
    d.stage,
    d.canteens,
    least(coalesce(i.canteens_inspected, 0), d.canteens) as inspected,
    least(coalesce(i.often_enough, 0), d.canteens) as often_enough,
    coalesce(k.canteens, d.canteens) as kitchens,
    least(coalesce(k.open_kitchens, 0), coalesce(k.canteens, d.canteens)) as open_kitchens,
    least(coalesce(k.internet_kitchens, 0), coalesce(k.canteens, d.canteens)) as internet_kitchens
from {{ ref('int_schools_in_duty') }} as d
left join inspected as i on d.period = i.period and d.school = i.school
left join {{ ref('int_kitchen_current') }} as k on d.period = k.period and d.school = k.school
where d.period_type = 'year' and d.stage is not null and d.stage <> ''

-- Grain: active calendar period x school that is open on its reference date: the schools that owe something then.
{{ config(materialized='view') }}
select
    c.period,
    c.period_type,
    s.school_year,
    s.school,
    s.stage,
    s.county,
    s.city,
    s.residence,
    coalesce(s.canteens, 0) as canteens
from {{ ref('int_schools') }} as s
inner join {{ ref('calendar') }} as c on s.school_year = c.school_year
where
    (s.closed_on is null or s.closed_on > c.reference_date)
    and (s.opened_on is null or s.opened_on <= c.reference_date)

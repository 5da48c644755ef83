-- Grain: feed x period x area (county, city): whether everybody expected has delivered.
with counties as (
    select
        c.feed,
        c.period,
        c.county,
        a.parent as city,
        c.schools_received >= c.schools_expected and c.schools_expected > 0 as complete
    from {{ ref('coverage') }} as c
    inner join {{ ref('areas') }} as a on c.county = a.area
)

select
    feed,
    period,
    county as area,
    complete
from counties
union all
select
    feed,
    period,
    city as area,
    min(case when complete then 1 else 0 end) = 1 as complete
from counties
group by feed, period, city

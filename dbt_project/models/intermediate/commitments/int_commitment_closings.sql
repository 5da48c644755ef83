-- Grain: commitment about a ledger (台账) x school year x area with cases: how many were opened by the end of the year, and how many of
-- them are closed by then. A case that was closed and fails again is open. An area without a case has nothing to close: no row.
with asked as (
    select
        commitment,
        cases_of
    from {{ ref('commitment_routes') }}
    where judged_at = 'cases'
),

years as (
    select
        y.school_year,
        c.covers_to
    from {{ ref('int_active_years') }} as y
    inner join {{ ref('calendar') }} as c on y.school_year = c.period
),

placed as (
    select
        k.*,
        h.city
    from {{ ref('cases') }} as k
    inner join {{ ref('int_home_areas') }} as h on h.level = 'county' and k.county = h.area
    where k.school is not null
)

{% for level in ['county', 'city'] %}
select
    a.commitment,
    y.school_year as period,
    k.{{ level }} as entity,
    cast(count(*) as bigint) as opened,
    cast(sum(case when k.state = 'closed' and k.closed_on <= y.covers_to then 1 else 0 end) as bigint) as closed
from asked as a
cross join years as y
inner join placed as k
    on k.opened_on <= y.covers_to and (a.cases_of = '*' or '|' || a.cases_of || '|' like '%|' || k.indicator || '|%')
where k.{{ level }} is not null
group by a.commitment, y.school_year, k.{{ level }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

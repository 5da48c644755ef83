-- Grain: commitment about a ledger (台账) x school year x county with cases: how many were opened by the end of the year, and how many
-- of them are closed and proven by a re-check by then. A case that was closed and fails again is open. A county without a case has
-- nothing to close: no row; a city is judged by all its counties.
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
        e.proven_on
    from {{ ref('cases') }} as k
    left join {{ ref('int_case_states') }} as e on k.case_id = e.case_id
    where k.school is not null and k.county is not null
)

select
    a.commitment,
    y.school_year as period,
    k.county as entity,
    cast(count(*) as bigint) as opened,
    cast(sum(case when k.state = 'closed' and k.proven_on <= y.covers_to then 1 else 0 end) as bigint) as closed
from asked as a
cross join years as y
inner join placed as k
    on y.covers_to >= k.opened_on and (a.cases_of = '*' or '|' || a.cases_of || '|' like '%|' || k.indicator || '|%')
group by a.commitment, y.school_year, k.county

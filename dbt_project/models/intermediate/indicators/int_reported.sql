-- Grain: indicator x period x school that delivered a row of one of the feeds the indicator counts as its report.
-- What a closed and merged school delivered speaks for its successor too.
with delivered as (
    select distinct
        i.code as indicator,
        case when i.period_type = 'year' then substr(d.period, 1, 9) else d.period end as period,
        d.school
    from {{ ref('indicators_seed') }} as i
    inner join {{ ref('int_deliveries') }} as d
        on '|' || i.reporting_feeds || '|' like '%|' || d.feed || '|%'
    where i.coverage_duty and d.school is not null
)

select
    indicator,
    period,
    school
from delivered
union
select
    d.indicator,
    d.period,
    s.successor as school
from delivered as d
inner join {{ ref('int_rules') }} as c on d.period = c.period
inner join {{ ref('int_school_successors') }} as s on c.roster_period = s.period and d.school = s.school

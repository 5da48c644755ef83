-- Grain: indicator x period x school that delivered one of the feeds the indicator counts as its report.
select distinct
    i.code as indicator,
    case when i.period_type = 'year' then substr(d.period, 1, 9) else d.period end as period,
    d.school
from {{ ref('indicators_seed') }} as i
inner join {{ ref('int_delivered_schools') }} as d
    on '|' || i.reporting_feeds || '|' like '%|' || d.feed || '|%'
where i.coverage_duty

-- Grain: case: what it is about. Of a failing figure the first and the last failing period, gap and figure of the last; of the
-- bureau's own number the day of its opening and the school year it lies in.
select
    f.case_id,
    max(f.level) || '_figure' as kind,
    max(f.indicator) as indicator,
    max(case when f.level = 'school' then f.entity end) as school,
    max(coalesce(s.county, case when f.level = 'county' then f.entity end)) as county,
    max(f.stage) as stage,
    min(f.first_period) as period,
    max(f.last_period) as last_period,
    min(f.opened_on) as opened_on,
    max(f.last_failed_on) as last_failed_on,
    {{ latest_value('f.gap', 'f.run') }} as gap,
    {{ latest_value('f.target_id', 'f.run') }} as target_id,
    {{ latest_value('f.figure_id', 'f.run') }} as figure_id
from {{ ref('int_case_figures') }} as f
left join {{ ref('int_schools') }} as s
    on f.level = 'school' and f.entity = s.school and substr(f.last_period, 1, 9) = s.school_year
group by f.case_id
union all
select
    n.case_id,
    'stated' as kind,
    e.indicator,
    e.school,
    nullif(e.county, '') as county,
    null as stage,
    y.period,
    y.period as last_period,
    e.opened_on,
    null as last_failed_on,
    null as gap,
    null as target_id,
    null as figure_id
from (
    select distinct case_id
    from {{ ref('int_case_numbers') }}
    where not of_figure
) as n
inner join {{ ref('int_case_states') }} as e on n.case_id = e.case_id
left join {{ ref('calendar') }} as y
    on y.period_type = 'year' and e.opened_on >= y.covers_from and e.opened_on <= y.covers_to

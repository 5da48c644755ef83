-- Grain: commitment x part x period x entity (school, county, city) with a figure that answers it: the figure beside the target of the
-- commitment and beside the figure of the year before. The autumn's figure stands for the school year where a commitment asks so. A
-- commitment about a number (compared: count) is compared by the number: a share falls too when classes are added;
-- a school that was not there a year before counts from 0. An area is compared only with a year in which everybody delivered the feed.
with asked as (
    select distinct
        indicator,
        stage,
        subgroup
    from {{ ref('int_commitment_parts') }}
    where route = 'computed' and indicator is not null
),

-- schools in duty that were in none a year before
new_schools as (
    select
        d.period,
        d.school
    from {{ ref('int_schools_in_duty') }} as d
    inner join {{ ref('int_active_years') }} as y on {{ year_before('d.school_year') }} = y.school_year
    left join {{ ref('int_schools_in_duty') }} as e on {{ year_before('d.period') }} = e.period and d.school = e.school
    where e.school is null
),

-- the few figures that are asked for: what follows reads them twice
answering as (
    select v.*
    from {{ ref('indicator_values') }} as v
    inner join asked as a on v.indicator = a.indicator and v.stage = a.stage and v.subgroup = a.subgroup
),

beside as (
    select
        p.commitment,
        p.part,
        p.stage,
        p.compared,
        p.operator,
        p.due_on,
        p.judged_at,
        p.indicator,
        p.target,
        p.optional,
        case when p.reads = 'autumn' then substr(v.period, 1, 9) else v.period end as period,
        v.level,
        v.entity,
        v.numerator,
        v.denominator,
        case when p.compared = 'count' then cast(v.numerator as double) else v.value end as value,
        case when p.compared = 'count' then null else v.lower_95 end as lower_95,
        case when p.compared = 'count' then null else v.upper_95 end as upper_95,
        v.figure_id,
        case when p.compared = 'count' then 'count' else v.unit end as unit,
        v.status = 'not_reported' as silent,
        case
            when p.compared = 'count' then coalesce(cast(b.numerator as double), case when n.school is not null then 0.0 end)
            else b.value
        end as before,
        case when p.compared <> 'count' then b.lower_95 end as before_lower_95,
        case when p.compared <> 'count' then b.upper_95 end as before_upper_95
    from {{ ref('int_commitment_parts') }} as p
    inner join answering as v
        on p.indicator = v.indicator and p.stage = v.stage and p.subgroup = v.subgroup
    left join new_schools as n on v.level = 'school' and v.entity = n.school and v.period = n.period
    left join {{ ref('int_feed_complete') }} as f
        on v.level <> 'school' and p.feed = f.feed and v.entity = f.area and {{ year_before('v.period') }} = f.period
    left join answering as b
        on
            p.compared in ('change', 'count')
            and v.indicator = b.indicator
            and v.level = b.level
            and v.entity = b.entity
            and v.stage = b.stage
            and v.subgroup = b.subgroup
            and {{ year_before('v.period') }} = b.period
            and (v.level = 'school' or p.feed is null or f.complete)
    where
        p.route = 'computed'
        and (p.reads <> 'autumn' or substr(v.period, 10) = '-1')
        and (v.level <> 'school' or p.asked_of in ('school', 'class', 'student') or p.judged_at = 'school')
)

select
    commitment,
    part,
    stage,
    compared,
    operator,
    due_on,
    judged_at,
    indicator,
    target,
    optional,
    period,
    level,
    entity,
    numerator,
    denominator,
    value,
    lower_95,
    upper_95,
    figure_id,
    unit,
    silent,
    before,
    coalesce(before_lower_95, before) as before_lower,
    coalesce(before_upper_95, before) as before_upper
from beside

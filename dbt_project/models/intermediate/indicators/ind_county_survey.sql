-- Grain: school year x county x stage. Social recognition by the latest answers of each group asked (the whole, from which the groups
-- tell the parents' share; else all groups together), not reported below the sample minimum: the least number of answers, and the
-- share of the residents where somebody says how many they are; and the national quality monitoring by its worst subject:
-- between-school variation x 10000 over 10000, and level.
{{ config(materialized='view', meta={
    'indicators': ['SR', 'Q9', 'Q9_level'],
    'measures': {'SR': ['SR', 'RESIDENTS'], 'Q9': ['Q9'], 'Q9_level': ['Q9']}
}) }}
with measures as (
    select
        m.period,
        m.county,
        upper(m.indicator) as indicator,
        coalesce(m.group_name, '') as group_name,
        m.measured_on,
        coalesce(m.unit, '') like '%级%' as as_level,
        m.measure_numerator_e4,
        m.measure_denominator_e4,
        -- a variation given in per cent is brought to a share, residents in 万人 to persons
        case
            when m.unit like '%百分%' or position('%' in m.unit) > 0 then m.measure_value_e4 / 100
            when m.unit like '%万%' then m.measure_value_e4 * 10000
            else m.measure_value_e4
        end as value_e4
    from {{ ref('int_measure_current') }} as m
    where m.county is not null and m.school is null and m.indicator is not null
),

-- one survey: a whole stands before its groups and is not added to them
answers as (
    select
        *,
        {{ is_whole_group('group_name') }} as whole,
        max(case when {{ is_whole_group('group_name') }} then 1 else 0 end) over (partition by period, county) = 1 as has_whole
    from (
        select
            *,
            rank() over (partition by period, county, group_name order by measured_on desc nulls last) as place
        from measures
        where indicator = 'SR' and measure_denominator_e4 is not null
    ) as surveys
    where place = 1
),

survey as (
    select
        period,
        county,
        sum(case when whole or not has_whole then measure_numerator_e4 end) as agreed,
        sum(case when whole or not has_whole then measure_denominator_e4 end) as answers,
        sum(case when not whole and group_name like '%家长%' then measure_denominator_e4 else 0 end) as parents
    from answers
    group by period, county
),

residents as (
    select
        period,
        county,
        max(value_e4) as residents_e4
    from measures
    where indicator = 'RESIDENTS'
    group by period, county
)

select
    'SR' as indicator,
    s.period,
    s.county,
    'compulsory' as stage,
    cast(s.agreed / 10000 as bigint) as numerator,
    cast(s.answers / 10000 as bigint) as denominator,
    coalesce(
        s.answers >= u.survey_answers_least * 10000
        and s.answers * 100000 >= coalesce(r.residents_e4, 0) * u.survey_residents_e5
        and s.parents * 100 >= s.answers * u.survey_parents_e2,
        false
    ) as reported
from survey as s
inner join {{ ref('int_rules') }} as u on s.period = u.period
left join residents as r on s.period = r.period and s.county = r.county
union all
select
    case when as_level then 'Q9_level' else 'Q9' end as indicator,
    period,
    county,
    'compulsory' as stage,
    cast(case when as_level then min(value_e4) else max(value_e4) end as bigint) as numerator,
    cast(10000 as bigint) as denominator,
    true as reported
from measures
where indicator = 'Q9' and value_e4 is not null
group by period, county, as_level

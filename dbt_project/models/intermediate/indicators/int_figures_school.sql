-- Grain: indicator x period x school x reported stage x subgroup: sums over the finest counts.
-- primary and junior count into compulsory; a pupil is in `all`, in one sex, one grade and one residence.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={
        'touched_by': feeds().keys() | list,
        'period_grain': 'both'
    }
) }}
with counts as (
    select
        n.indicator,
        n.period,
        n.school,
        s.reported_as as stage,
        n.grade,
        n.sex,
        r.residence,
        n.numerator,
        n.denominator,
        n.reported,
        i.subgroups
    from {{ ref('int_indicator_counts') }} as n
    inner join {{ ref('indicators_seed') }} as i on n.indicator = i.code
    inner join {{ ref('stages') }} as s on n.stage = s.stage and '|' || i.stages || '|' like '%|' || s.reported_as || '|%'
    left join {{ ref('int_schools') }} as r
        on n.school = r.school and substr(n.period, 1, 9) = r.school_year
    where {{ touched('n.period') }}
),

grouped as (
    select
        indicator,
        period,
        school,
        stage,
        'all' as subgroup,
        numerator,
        denominator,
        reported
    from counts
    union all
    select
        indicator,
        period,
        school,
        stage,
        'residence=' || residence as subgroup,
        numerator,
        denominator,
        reported
    from counts
    where residence is not null and subgroups like '%residence%'
    union all
    select
        indicator,
        period,
        school,
        stage,
        'sex=' || sex as subgroup,
        numerator,
        denominator,
        reported
    from counts
    where sex is not null and subgroups like '%sex%'
    union all
    select
        indicator,
        period,
        school,
        stage,
        'grade=' || cast(grade as {{ dbt.type_string() }}) as subgroup,
        numerator,
        denominator,
        reported
    from counts
    where grade is not null and subgroups like '%grade%'
)

select
    indicator,
    period,
    school,
    stage,
    subgroup,
    cast(sum(numerator) as bigint) as numerator,
    cast(sum(denominator) as bigint) as denominator,
    max(case when reported then 1 else 0 end) = 1 as reported
from grouped
group by indicator, period, school, stage, subgroup

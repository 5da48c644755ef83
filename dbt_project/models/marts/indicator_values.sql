-- Grain: indicator x period x level x entity x stage x subgroup: every figure, divided here and nowhere before.
{{ config(
    materialized='incremental', incremental_strategy='by_period', on_schema_change='fail',
    meta={
        'touched_by': feeds().keys() | list,
        'period_grain': 'both'
    }
) }}
with figures as (
    select
        f.indicator,
        f.period,
        f.level,
        f.entity,
        f.stage,
        f.subgroup,
        f.denominator,
        f.reported,
        i.unit,
        i.judgement,
        i.method_version,
        i.numerator_scale,
        i.per,
        t.target,
        t.target_id,
        t.target_e6,
        t.operator,
        case when f.reported then f.numerator end as numerator
    from {{ ref('int_figures') }} as f
    inner join {{ ref('indicators_seed') }} as i on f.indicator = i.code
    left join {{ ref('int_applicable_targets') }} as t
        on
            f.indicator = t.indicator
            and f.period = t.period
            and f.stage = t.stage
            and coalesce(f.county, f.city) = t.area
            and t.level in ('all', f.level)
    where i.levels like '%' || f.level || '%' and {{ touched('f.period') }}
),

bounded as (
    select
        *,
        case when judgement = 'interval' and reported then {{ wilson_bound('numerator', 'denominator', '-') }} end as lower_95,
        case when judgement = 'interval' and reported then {{ wilson_bound('numerator', 'denominator', '+') }} end as upper_95
    from figures
)

select
    indicator,
    period,
    level,
    entity,
    stage,
    subgroup,
    numerator,
    denominator,
    cast(numerator as double) * per / (cast(denominator as double) * numerator_scale) as value,
    unit,
    lower_95,
    upper_95,
    target,
    target_id,
    case
        when not reported then 'not_reported'
        when target_id is null then 'no_target'
        when judgement = 'exact'
            then case when {{ satisfies('numerator * per', 'denominator * numerator_scale', 'operator', 'target_e6') }} then 'met' else 'not_met' end
        when {{ bound_satisfies('lower_95', 'operator', 'target') }} and {{ bound_satisfies('upper_95', 'operator', 'target') }}
            then 'met'
        when
            not {{ bound_satisfies('lower_95', 'operator', 'target') }}
            and not {{ bound_satisfies('upper_95', 'operator', 'target') }}
            then 'not_met'
        else 'not_distinguishable'
    end as status,
    method_version as method,
    indicator || '.' || period || '.' || level || '.' || entity || '.' || stage || '.' || subgroup as figure_id
from bounded

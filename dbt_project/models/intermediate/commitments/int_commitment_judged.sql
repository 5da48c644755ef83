-- Grain: commitment x part x period x entity (school, county, city) with a figure that answers it: the figure against the target of
-- the commitment, or against the year before. A certification after the due date is too late.
{% set certifications = {'certified_state': 'state', 'certified_province': 'province'} %}
with asked as (
    select distinct
        indicator,
        stage,
        subgroup
    from {{ ref('int_commitment_parts') }}
    where route = 'computed' and indicator is not null
),

-- the few figures that are asked for: what follows reads them twice
answering as (
    select v.*
    from {{ ref('indicator_values') }} as v
    inner join asked as a on v.indicator = a.indicator and v.stage = a.stage and v.subgroup = a.subgroup
),

figures as (
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
        v.value,
        v.lower_95,
        v.upper_95,
        v.figure_id,
        v.unit,
        v.status = 'not_reported' as silent,
        b.value as before,
        coalesce(b.lower_95, b.value) as before_lower,
        coalesce(b.upper_95, b.value) as before_upper
    from {{ ref('int_commitment_parts') }} as p
    inner join answering as v
        on p.indicator = v.indicator and p.stage = v.stage and p.subgroup = v.subgroup
    left join answering as b
        on
            p.compared = 'change'
            and v.indicator = b.indicator
            and v.level = b.level
            and v.entity = b.entity
            and v.stage = b.stage
            and v.subgroup = b.subgroup
            and {{ year_before('v.period') }} = b.period
    where
        p.route = 'computed'
        and (p.reads <> 'autumn' or substr(v.period, 10) = '-1')
        and (v.level <> 'school' or p.asked_of in ('school', 'class', 'student') or p.judged_at = 'school')
),

dated as (
    select
        f.*,
        c.passed_on,
        c.document_no,
        coalesce(f.judged_at = 'entity' and c.passed_on > f.due_on, false) as late
    from figures as f
    left join {{ ref('int_certified') }} as c
        on
            f.entity = c.county
            and f.period = c.school_year
            and c.level = case f.indicator
                {% for indicator, level in certifications.items() %}when '{{ indicator }}' then '{{ level }}' {% endfor %}
            end
)

select
    commitment,
    part,
    stage,
    indicator,
    judged_at,
    compared,
    operator,
    optional,
    period,
    level,
    entity,
    case when late then 0 else numerator end as numerator,
    denominator,
    case when late then 0.0 else value end as value,
    case when compared = 'change' then before else target end as target,
    case
        when passed_on is not null then concat_ws(' ', document_no, cast(passed_on as {{ dbt.type_string() }}))
        else figure_id
    end as evidence,
    figure_id,
    case
        when silent then 'not_reported'
        when compared = 'change' and before is null then 'no_target'
        -- nothing is left to fall, or to rise
        when compared = 'change' and operator = '<' and value = 0 then 'met'
        when compared = 'change' and operator = '>' and unit = 'share' and value = 1 then 'met'
        when compared = 'change' and operator in ('>', '>=')
            then
                case
                    when {{ bound_satisfies('coalesce(lower_95, value)', 'operator', 'before_upper') }} then 'met'
                    when not {{ bound_satisfies('coalesce(upper_95, value)', 'operator', 'before_lower') }} then 'not_met'
                    else 'not_distinguishable'
                end
        when compared = 'change'
            then
                case
                    when {{ bound_satisfies('coalesce(upper_95, value)', 'operator', 'before_lower') }} then 'met'
                    when not {{ bound_satisfies('coalesce(lower_95, value)', 'operator', 'before_upper') }} then 'not_met'
                    else 'not_distinguishable'
                end
        when target is null then 'no_target'
        when late then 'not_met'
        else {{ judged('value', 'lower_95', 'upper_95', 'operator', 'target') }}
    end as status
from dated

-- Grain: commitment x part x period x entity (school, county, city) with a figure that answers it: how it stands to the target, or to
-- the year before. A certification after the due date is too late.
{% set certifications = {'certified_state': 'state', 'certified_province': 'province'} %}
with dated as (
    select
        f.*,
        c.passed_on,
        c.document_no,
        coalesce(f.judged_at = 'entity' and c.passed_on > f.due_on, false) as late
    from {{ ref('int_commitment_compared') }} as f
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
    case when compared in ('change', 'count') then before else target end as target,
    case
        when passed_on is not null then concat_ws(' ', document_no, cast(passed_on as {{ dbt.type_string() }}))
        else figure_id
    end as evidence,
    figure_id,
    unit,
    case
        when silent then 'not_reported'
        when compared in ('change', 'count') and before is null then 'no_target'
        -- nothing is left to fall, or to rise
        when compared in ('change', 'count') and operator = '<' and value = 0 then 'met'
        when compared in ('change', 'count') and operator = '>' and unit = 'share' and value = 1 then 'met'
        when compared in ('change', 'count') and operator in ('>', '>=')
            then
                case
                    when {{ bound_satisfies('coalesce(lower_95, value)', 'operator', 'before_upper') }} then 'met'
                    when not {{ bound_satisfies('coalesce(upper_95, value)', 'operator', 'before_lower') }} then 'not_met'
                    else 'not_distinguishable'
                end
        when compared in ('change', 'count')
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

-- Grain: school year x school x stage: the seven resources of a school against their thresholds. A school of the compulsory stages
-- whose form is missing has a row without figures. Rule (教督〔2017〕6号): at least 6 of the 7 reached, the other at 85 %.
with stages as (
    select
        s.*,
        u.resource_items_least,
        u.resource_shortfall_e2
        {%- for code in resources() %},
        t{{ loop.index }}.operator as operator_{{ loop.index }},
        t{{ loop.index }}.target_e6 as target_{{ loop.index }}
        {%- endfor %}
    from {{ ref('int_school_stages') }} as s
    inner join {{ ref('int_rules') }} as u on s.period = u.period
    {%- for code in resources() %}
    left join {{ ref('int_applicable_targets') }} as t{{ loop.index }}
        on
            t{{ loop.index }}.indicator = '{{ code }}'
            and s.period = t{{ loop.index }}.period
            and s.county = t{{ loop.index }}.area
            and s.stage = t{{ loop.index }}.stage
    {%- endfor %}
),

judged as (
    select
        period,
        county,
        school,
        stage,
        pupils,
        excluded_reason,
        resource_items_least,
        {%- for code, (column, scale, per) in resources().items() %}
        {{ per_pupil(code, 's') }} as l{{ loop.index }},
        case
            when {{ column }} is null then null
            when {{ satisfies(column ~ ' * ' ~ per, 'pupils * ' ~ scale, 'operator_' ~ loop.index, 'target_' ~ loop.index) }} then 1
            else 0
        end as met_{{ loop.index }},
        case
            when {{ column }} is null then null
            when
                {{ satisfies(
                    column ~ ' * ' ~ (per * 100), 'pupils * resource_shortfall_e2 * ' ~ scale,
                    'operator_' ~ loop.index, 'target_' ~ loop.index
                ) }} then 1
            else 0
        end as near_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from stages as s
),

counted as (
    select
        *,
        {% for n in range(1, 8) %}coalesce(met_{{ n }}, 0){{ ' + ' if not loop.last }}{% endfor %} as items_met,
        {% for n in range(1, 8) %}coalesce(near_{{ n }}, 0){{ ' + ' if not loop.last }}{% endfor %} as items_near,
        {% for n in range(1, 8) %}case when met_{{ n }} is null then 1 else 0 end{{ ' + ' if not loop.last }}{% endfor %} as items_missing
    from judged
)

select
    period,
    county,
    school,
    stage,
    pupils,
    {%- for n in range(1, 8) %}
    l{{ n }},
    {%- endfor %}
    cast(items_met as integer) as indicators_met,
    case when items_missing = 0 then items_near = 7 end as shortfall_ok,
    case
        when excluded_reason is not null then null
        when items_met + items_missing < resource_items_least or items_near + items_missing < 7 then false
        when items_missing = 0 then true
    end as meets_rule,
    excluded_reason,
    cast(items_missing as integer) as indicators_missing
from counted
union all
select
    d.period,
    d.county,
    d.school,
    d.stage,
    cast(null as bigint) as pupils,
    {%- for n in range(1, 8) %}
    cast(null as double) as l{{ n }},
    {%- endfor %}
    cast(null as integer) as indicators_met,
    cast(null as boolean) as shortfall_ok,
    cast(null as boolean) as meets_rule,
    cast(null as {{ dbt.type_string() }}) as excluded_reason,
    7 as indicators_missing
from {{ ref('int_schools_in_duty') }} as d
left join {{ ref('int_school_forms') }} as f on d.period = f.period and d.school = f.school
where d.period_type = 'year' and d.stage in ('primary', 'junior', 'compulsory') and f.school is null

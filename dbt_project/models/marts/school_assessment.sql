-- Grain: school year x school x stage: the seven resources of a school against their thresholds. A school that is not assessed,
-- or whose form is missing, has a row without figures. Rule (教督〔2017〕6号): at least 6 of the 7 reached, the other at 85 %.
with judged as (
    select
        v.period,
        v.entity as school,
        v.stage,
        {%- for code in resources() %}
        max(case when v.indicator = '{{ code }}' then v.value end) as {{ code | lower }},
        {%- endfor %}
        sum(case when v.status = 'met' then 1 else 0 end) as reached,
        sum(
            case
                when
                    {{ satisfies(
                        'v.numerator * i.per * 100', 'v.denominator * i.numerator_scale * u.resource_shortfall_e2',
                        "'>='", 'round(v.target * 1000000)'
                    ) }}
                    then 1
                else 0
            end
        ) as nearly_reached,
        {{ resources() | length }} - count(*) as missing,
        max(u.resource_items_least) as items_least
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('indicators_seed') }} as i on v.indicator = i.code
    inner join {{ ref('int_rules') }} as u on v.period = u.period
    where
        v.indicator in ('{{ resources().keys() | join("', '") }}')
        and v.level = 'school'
        and v.subgroup = 'all'
        and v.target is not null
    group by v.period, v.entity, v.stage
)

select
    s.period,
    s.county,
    s.school,
    s.stage,
    s.pupils,
    {%- for code in resources() %}
    j.{{ code | lower }},
    {%- endfor %}
    cast(j.reached as integer) as indicators_met,
    case when j.missing = 0 then j.nearly_reached = {{ resources() | length }} end as shortfall_ok,
    case
        when s.excluded_reason is not null then null
        when j.reached + j.missing < j.items_least or j.nearly_reached + j.missing < {{ resources() | length }} then false
        when j.missing = 0 then true
    end as meets_rule,
    s.excluded_reason,
    cast(coalesce(j.missing, {{ resources() | length }}) as integer) as indicators_missing
from {{ ref('int_school_stages') }} as s
left join judged as j on s.period = j.period and s.school = j.school and s.stage = j.stage
union all
select
    d.period,
    d.county,
    d.school,
    d.stage,
    cast(null as bigint) as pupils,
    {%- for code in resources() %}
    cast(null as double) as {{ code | lower }},
    {%- endfor %}
    cast(null as integer) as indicators_met,
    cast(null as boolean) as shortfall_ok,
    cast(null as boolean) as meets_rule,
    cast(null as {{ dbt.type_string() }}) as excluded_reason,
    {{ resources() | length }} as indicators_missing
from {{ ref('int_schools_in_duty') }} as d
left join {{ ref('int_school_forms') }} as f on d.period = f.period and d.school = f.school
where d.period_type = 'year' and d.stage in ('primary', 'junior', 'compulsory') and f.school is null

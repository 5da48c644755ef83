-- Grain: school year x county x gate. A conjunction: a gate is met only when every item of it is shown and met, and the whole only
-- when every gate is; there is no score. `missing` names what is not met and what nobody has shown.
with figures as (
    select
        v.indicator,
        v.period,
        case when v.level = 'county' then v.entity else s.county end as county,
        max(case when v.level = 'county' then 1 else 0 end) as shown,
        max(case when v.status not in ('met', 'not_met') then 1 else 0 end) as unknown,
        max(case when v.status = 'not_met' then 1 else 0 end) as failed
    from {{ ref('indicator_values') }} as v
    inner join {{ ref('assessment_items') }} as i
        on v.indicator = i.indicator and (v.level = 'county' or (v.level = 'school' and i.by_school))
    left join {{ ref('int_schools') }} as s on v.level = 'school' and v.entity = s.school and v.period = s.school_year
    where v.subgroup = 'all'
    group by v.indicator, v.period, case when v.level = 'county' then v.entity else s.county end
    union all
    -- where no school has any of a resource there is no variation to compute, and the item is not met
    select distinct
        indicator || '_CV' as indicator,
        period,
        county,
        1 as shown,
        0 as unknown,
        1 as failed
    from {{ ref('int_resource_variation') }}
    where mean = 0
    {%- for indicator, people in {'G7': 'special_pupils', 'Q2': 'disabled_children'}.items() %}
    union all
    -- 0 delivered: nobody is there to be failed; a blank says nothing
    select
        '{{ indicator }}' as indicator,
        period,
        county,
        1 as shown,
        0 as unknown,
        0 as failed
    from {{ ref('int_county_form_current') }}
    where {{ people }} = 0
    {%- endfor %}
),

counties as (
    select distinct
        school_year as period,
        county
    from {{ ref('int_schools_in_duty') }}
    where county is not null
),

-- one more line of the first gate: every assessed school keeps the rule of 6 of 7 and 85 %
schools as (
    select
        c.period,
        c.county,
        count(a.school) as schools,
        sum(case when a.meets_rule is false then 1 else 0 end) as failing,
        sum(case when a.school is not null and a.meets_rule is null then 1 else 0 end) as unknown,
        sum(case when a.school is not null and a.pupils is null then 1 else 0 end) as silent
    from counties as c
    left join {{ ref('school_assessment') }} as a
        on c.period = a.period and c.county = a.county and a.excluded_reason is null
    group by c.period, c.county
),

-- an item about schools that a county does not have (small ones, day schools in town) is met once every school has reported
items as (
    select
        c.period,
        c.county,
        i.gate,
        i.item,
        min(i.sort) as sort,
        case
            when max(coalesce(f.failed, 0)) = 1 then 'not_met'
            when max(case when d.whole_area then 1 else 0 end) = 1 and max(s.silent) > 0 then 'not_reported'
            when max(case when i.may_be_absent then 1 else 0 end) = 1 and max(f.shown) is null and max(s.schools) > 0 and max(s.unknown) = 0
                then 'met'
            when min(coalesce(f.shown, 0)) = 0 or max(coalesce(f.unknown, 0)) = 1 then 'not_reported'
            else 'met'
        end as status
    from counties as c
    cross join {{ ref('assessment_items') }} as i
    inner join schools as s on c.period = s.period and c.county = s.county
    inner join {{ ref('indicators_seed') }} as d on i.indicator = d.code
    left join figures as f on c.period = f.period and c.county = f.county and i.indicator = f.indicator
    group by c.period, c.county, i.gate, i.item
),

gates as (
    select
        i.period,
        i.county,
        i.gate,
        sum(case when i.status = 'met' then 1 else 0 end) as items_met,
        count(*) as items_total,
        max(case when i.status = 'not_met' then 1 else 0 end) as failed,
        max(case when i.status = 'not_reported' then 1 else 0 end) as unknown,
        {{ listed_items("case when i.status <> 'met' then i.item || '=' || i.status end", 'i.gate, i.sort') }} as missing
    from items as i
    group by i.period, i.county, i.gate
),

with_schools as (
    select
        g.period,
        g.county,
        g.gate,
        g.items_met,
        g.items_total,
        case when g.gate = 'resources' and s.failing > 0 then 1 else g.failed end as failed,
        case when g.gate = 'resources' and (s.unknown > 0 or s.schools = 0) then 1 else g.unknown end as unknown,
        g.missing,
        case when g.gate = 'resources' then cast(s.failing as bigint) end as schools_failing,
        case when g.gate = 'resources' then cast(s.unknown as bigint) end as schools_unknown
    from gates as g
    inner join schools as s on g.period = s.period and g.county = s.county
)

select
    period,
    county,
    gate,
    cast(items_met as integer) as items_met,
    cast(items_total as integer) as items_total,
    failed = 0 and unknown = 0 as met,
    missing,
    case when failed = 1 then 'not_met' when unknown = 1 then 'not_reported' else 'met' end as status,
    schools_failing,
    schools_unknown
from with_schools
union all
select
    period,
    county,
    'overall' as gate,
    cast(sum(case when gate in ('resources', 'government', 'quality') then items_met else 0 end) as integer) as items_met,
    cast(sum(case when gate in ('resources', 'government', 'quality') then items_total else 0 end) as integer) as items_total,
    max(failed) = 0 and max(unknown) = 0 as met,
    {{ listed_items("case when failed = 1 then gate || '=not_met' when unknown = 1 then gate || '=not_reported' end", 'gate') }} as missing,
    case when max(failed) = 1 then 'not_met' when max(unknown) = 1 then 'not_reported' else 'met' end as status,
    max(schools_failing) as schools_failing,
    max(schools_unknown) as schools_unknown
from with_schools
group by period, county

-- Grain: commitment x part x period x entity (school, county, city, province): the status of each figure asked. Where every school
-- must keep it, an area is judged by its schools, never by its mean; a share of counties by the counties of the area list. What is
-- asked of all is kept only when all delivered.
with every as (
    select
        commitment,
        part,
        stage,
        indicator,
        optional,
        compared,
        period,
        level,
        entity,
        numerator,
        denominator,
        value,
        operator,
        target,
        evidence,
        figure_id,
        unit,
        status
    from {{ ref('int_commitment_judged') }}
    where judged_at = 'entity' or (judged_at = 'school' and level = 'school')
    union all
    select
        commitment,
        part,
        stage,
        indicator,
        optional,
        'level' as compared,
        period,
        level,
        entity,
        kept as numerator,
        asked as denominator,
        value,
        operator,
        target,
        indicator || '.' || period || ' ' || kept || '/' || asked as evidence,
        cast(null as {{ dbt.type_string() }}) as figure_id,
        'share' as unit,
        case
            when judged_at = 'county'
                then case when value >= target then 'met' when worst = 5 then 'not_reported' else 'not_met' end
            when broken = 1 then 'not_met'
            else {{ status_of('worst') }}
        end as status
    from {{ ref('int_commitment_shares') }}
)

select
    e.*,
    r.judged_at,
    case when e.status = 'met' and i.complete = false and r.judged_at <> 'county' then 'not_reported' else e.status end as status_shown
from every as e
inner join {{ ref('commitment_routes') }} as r on e.commitment = r.commitment and e.part = r.part
left join {{ ref('int_feed_complete') }} as i
    on
        e.level <> 'school'
        and r.feed = i.feed
        and e.entity = i.area
        and i.period = case r.reads when 'autumn' then e.period || '-1' else e.period end

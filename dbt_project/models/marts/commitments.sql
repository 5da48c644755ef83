-- Grain: commitment x entity x period: how every promise of the documents stands for everybody it binds, with the figure or document
-- behind it. No data is never met; before its day a promise that is not reached yet is not due; outside its jurisdiction it does not
-- apply. A city without a figure of its own is judged by all its counties.
with by_counties as (
    select
        commitment,
        period,
        city,
        max({{ severity("coalesce(status, 'not_reported')") }}) as worst,
        sum(case when status = 'met' then 1 else 0 end) as kept,
        count(*) as counties,
        max(case when answered then 1 else 0 end) as answered
    from {{ ref('int_commitment_states') }}
    where entity_level = 'county' and binding = 'bound' and not nobody_here
    group by commitment, period, city
),

-- what every city says of itself, else what its counties say
rolled as (
    select
        s.*,
        coalesce(not s.answered and b.answered = 1, false) as by_county,
        b.worst,
        b.kept,
        b.counties
    from {{ ref('int_commitment_states') }} as s
    left join by_counties as b
        on
            s.entity_level = 'city'
            and s.binding = 'bound'
            and s.asked_of not in ('city', 'province')
            and s.commitment = b.commitment
            and s.period = b.period
            and s.entity = b.city
),

final as (
    select
        r.*,
        case when r.by_county then {{ status_of('r.worst') }} else coalesce(r.status, 'not_reported') end as status_found
    from rolled as r
)

select
    f.commitment,
    c.source_file,
    c.clause,
    c.quote_zh as quote,
    c.jurisdiction_area as jurisdiction,
    c.jurisdiction as jurisdiction_name,
    f.entity,
    f.entity_level,
    f.period,
    t.route,
    coalesce(f.indicator, t.indicator) as indicator,
    case when f.by_county then cast(f.kept as double) / cast(f.counties as double) else f.value end as value,
    case
        when f.by_county then '='
        else coalesce(f.operator, t.operator, c.operator)
    end as operator,
    case
        when f.by_county then 1.0
        when f.answered then f.target
        else cast(coalesce(t.target_value, c.target_value) as double)
    end as target,
    c.threshold_source,
    case
        when f.binding = 'outside' or (f.nobody_here and not f.by_county) then 'not_applicable'
        when t.route = 'narrative' then 'no_target'
        when f.not_yet and f.status_found <> 'met' then 'not_due'
        else f.status_found
    end as status,
    case when f.by_county then f.kept || '/' || f.counties else f.evidence end as evidence,
    c.due_on,
    c.level as asked_of,
    f.figure_id,
    cast(case when f.by_county then f.kept else f.numerator end as bigint) as numerator,
    cast(case when f.by_county then f.counties else f.denominator end as bigint) as denominator,
    case
        when f.by_county then 'share'
        when f.unit <> 'count' then f.unit
        when c.unit = 'percent' then 'share'
        else c.unit
    end as unit,
    case when f.by_county then 'level' else f.compared end as compared
from final as f
inner join {{ ref('commitments_seed') }} as c on f.commitment = c.commitment
inner join {{ ref('commitment_routes') }} as t on f.commitment = t.commitment and t.part = 1

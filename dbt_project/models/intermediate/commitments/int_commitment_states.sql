-- Grain: commitment x entity x period: what is known of it: the computed figure, what was reported or shown, the verdict of the
-- county, or what became of its cases; nothing where nobody said anything. Schools stand here only with a figure or a report of their own.
with answers as (
    select
        d.commitment,
        d.period,
        d.entity,
        d.entity_level,
        d.status,
        d.indicator,
        d.value,
        d.numerator,
        d.denominator,
        d.operator,
        d.target,
        d.figure_id,
        d.unit,
        d.compared,
        d.evidence
    from {{ ref('int_commitment_decided') }} as d
    union all
    select
        commitment,
        school_year as period,
        entity,
        entity_level,
        status,
        cast(null as {{ dbt.type_string() }}) as indicator,
        value,
        numerator,
        denominator,
        operator,
        target,
        cast(null as {{ dbt.type_string() }}) as figure_id,
        unit,
        'level' as compared,
        evidence
    from {{ ref('int_commitment_shown') }}
    union all
    select
        r.commitment,
        v.period,
        v.county as entity,
        'area' as entity_level,
        v.status,
        cast(null as {{ dbt.type_string() }}) as indicator,
        cast(v.items_met as double) / cast(v.items_total as double) as value,
        cast(v.items_met as bigint) as numerator,
        cast(v.items_total as bigint) as denominator,
        '>=' as operator,
        1.0 as target,
        cast(null as {{ dbt.type_string() }}) as figure_id,
        'share' as unit,
        'level' as compared,
        'county_verdict ' || v.missing as evidence
    from {{ ref('commitment_routes') }} as r
    cross join {{ ref('county_verdict') }} as v
    where r.judged_at = 'verdict' and v.gate = 'overall'
    union all
    select
        commitment,
        period,
        entity,
        'area' as entity_level,
        case when closed = opened then 'met' else 'not_met' end as status,
        cast(null as {{ dbt.type_string() }}) as indicator,
        cast(closed as double) / cast(opened as double) as value,
        closed as numerator,
        opened as denominator,
        '>=' as operator,
        1.0 as target,
        cast(null as {{ dbt.type_string() }}) as figure_id,
        'share' as unit,
        'level' as compared,
        cast(null as {{ dbt.type_string() }}) as evidence
    from {{ ref('int_commitment_closings') }}
),

spine as (
    select
        e.commitment,
        e.entity,
        e.entity_level,
        e.city,
        e.binding,
        p.period,
        p.reference_date
    from {{ ref('int_commitment_entities') }} as e
    inner join {{ ref('int_commitment_periods') }} as p on e.commitment = p.commitment
    union all
    -- schools: those with a figure or a report, in the jurisdiction
    select
        a.commitment,
        a.entity,
        'school' as entity_level,
        s.city,
        'bound' as binding,
        a.period,
        p.reference_date
    from answers as a
    inner join {{ ref('int_schools') }} as s on a.entity = s.school and substr(a.period, 1, 9) = s.school_year
    inner join {{ ref('int_commitment_entities') }} as e
        on a.commitment = e.commitment and s.county = e.entity and e.binding <> 'outside'
    inner join {{ ref('int_commitment_periods') }} as p on a.commitment = p.commitment and a.period = p.period
    where a.entity_level = 'school'
)

select
    s.commitment,
    s.entity,
    s.entity_level,
    s.city,
    s.binding,
    s.period,
    c.level as asked_of,
    coalesce(c.due_on, c.valid_from) > s.reference_date as not_yet,
    a.commitment is not null as answered,
    -- a school or class of the kind asked about is not there: everybody delivered, and nobody has one
    a.commitment is null and coalesce(r.optional and f.complete and (r.compared <> 'reading' or b.complete), false) as nobody_here,
    a.status,
    a.indicator,
    a.value,
    a.numerator,
    a.denominator,
    a.operator,
    a.target,
    a.figure_id,
    a.unit,
    a.compared,
    a.evidence
from spine as s
inner join {{ ref('commitments_seed') }} as c on s.commitment = c.commitment
left join answers as a
    on s.commitment = a.commitment and s.entity = a.entity and s.period = a.period and s.binding <> 'outside'
inner join {{ ref('commitment_routes') }} as r on s.commitment = r.commitment and r.part = 1
left join {{ ref('int_feed_complete') }} as f
    on
        r.feed = f.feed
        and s.entity = f.area
        and f.period = case r.reads when 'autumn' then s.period || '-1' else s.period end
-- what newly reaches a standard is seen from two years
left join {{ ref('int_feed_complete') }} as b
    on r.feed = b.feed and s.entity = b.area and {{ year_before('s.period') }} = b.period
where s.binding <> 'inside' or a.commitment is not null

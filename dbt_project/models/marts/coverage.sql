-- Grain: feed x period x county: which schools were expected to deliver, which of them did, and with how many rows came. county is null
-- for rows whose school no register places.
{% set semester_feeds = ['student_roster', 'class_roster', 'vision_check', 'film_screening'] %}
{% set year_feeds = ['school_register', 'physical_exam', 'fitness_test'] %}
{% set canteen_feeds = ['food_inspection', 'kitchen_register'] %}
{% set compulsory_feeds = ['school_form'] %}
with feed_rules as (
    {% for feed in semester_feeds + year_feeds + canteen_feeds + compulsory_feeds %}
    select
        '{{ feed }}' as feed,
        '{{ 'semester' if feed in semester_feeds else 'year' }}' as period_type,
        {{ 1 if feed in canteen_feeds else 0 }} as canteens_needed,
        {{ "'senior'" if feed in compulsory_feeds else "''" }} as stage_out
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

active as (
    select distinct period from {{ ref('int_deliveries') }}
    where length(period) > 9
    union
    select school_year as period from {{ ref('int_active_years') }}
),

owing as (
    select
        f.feed,
        d.period,
        d.school,
        d.county
    from {{ ref('int_schools_in_duty') }} as d
    inner join active as a on d.period = a.period
    inner join feed_rules as f on d.period_type = f.period_type and d.canteens >= f.canteens_needed
    where d.stage is not null and d.stage <> '' and d.stage <> f.stage_out
),

expected as (
    select
        feed,
        period,
        county,
        count(*) as schools_expected
    from owing
    group by feed, period, county
    union all
    -- a county owes its own form
    select
        'county_form' as feed,
        d.period,
        d.county,
        1 as schools_expected
    from {{ ref('int_schools_in_duty') }} as d
    inner join active as a on d.period = a.period
    where d.period_type = 'year' and d.county is not null
    group by d.period, d.county
),

spoken as (
    select
        d.feed,
        d.period,
        s.county,
        -- of a feed that schools owe only those count that owe it: a closed school must not stand in for one that is missing
        count(distinct case when o.school is not null or f.feed is null then d.school end) as schools_received,
        sum(d.rows_accepted) as rows_accepted
    from {{ ref('int_deliveries') }} as d
    left join feed_rules as f on d.feed = f.feed
    left join owing as o on d.feed = o.feed and d.period = o.period and d.school = o.school
    left join {{ ref('int_schools') }} as s
        on d.school = s.school and substr(d.period, 1, 9) = s.school_year
    group by d.feed, d.period, s.county
    {% for feed in county_feeds() %}
    union all
    -- what speaks for the county itself, not for a school
    select
        '{{ feed }}' as feed,
        r.period,
        r.county,
        1 as schools_received,
        count(*) as rows_accepted
    from {{ ref('stg_' ~ feed) }} as r
    where r.county is not null and r.school is null and r.county in (select a.area from {{ ref('areas') }} as a)
    group by r.period, r.county
    {% endfor %}
),

delivered as (
    select
        feed,
        period,
        county,
        sum(schools_received) as schools_received,
        sum(rows_accepted) as rows_accepted
    from spoken
    group by feed, period, county
),

unlinked as (
    select
        u.feed,
        u.period,
        s.county,
        sum(u.rows_unlinked) as rows_unlinked
    from {{ ref('int_unlinked') }} as u
    left join {{ ref('int_schools') }} as s
        on u.school = s.school and substr(u.period, 1, 9) = s.school_year
    group by u.feed, u.period, s.county
),

rejected as (
    select
        r.feed,
        r.period,
        s.county,
        count(*) as rows_rejected
    from {{ ref('rejected_rows') }} as r
    left join {{ ref('int_schools') }} as s
        on r.school = s.school and substr(r.period, 1, 9) = s.school_year
    where r.feed is not null and r.period is not null and r.row_number is not null
    group by r.feed, r.period, s.county
),

cells as (
    select
        feed,
        period,
        county
    from expected
    union
    select
        feed,
        period,
        county
    from delivered
    union
    select
        feed,
        period,
        county
    from rejected
)

select
    c.feed,
    c.period,
    c.county,
    cast(coalesce(e.schools_expected, 0) as bigint) as schools_expected,
    cast(coalesce(d.schools_received, 0) as bigint) as schools_received,
    cast(coalesce(d.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(r.rows_rejected, 0) as bigint) as rows_rejected,
    cast(coalesce(u.rows_unlinked, 0) as bigint) as rows_unlinked
from cells as c
left join expected as e
    on c.feed = e.feed and c.period = e.period and coalesce(c.county, '') = coalesce(e.county, '')
left join delivered as d
    on c.feed = d.feed and c.period = d.period and coalesce(c.county, '') = coalesce(d.county, '')
left join rejected as r
    on c.feed = r.feed and c.period = r.period and coalesce(c.county, '') = coalesce(r.county, '')
left join unlinked as u
    on c.feed = u.feed and c.period = u.period and coalesce(c.county, '') = coalesce(u.county, '')

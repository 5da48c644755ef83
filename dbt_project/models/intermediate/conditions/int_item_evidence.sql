-- Grain: school year x item of the assessment x county x school ('' for the county itself): the finding in force. A finding
-- counts in its own school year, and in later ones only while a date of expiry says so; the latest issue counts, on one day the
-- stricter.
with named as (
    select
        e.period as shown_in,
        -- what is shown under G15 is its second half, the care for left-behind children
        case when upper(e.indicator) = 'G15' then 'G15_care' else upper(e.indicator) end as item,
        coalesce(e.county, s.county) as county,
        coalesce(e.school, '') as school,
        e.finding,
        e.document_no,
        e.title,
        e.issued_on,
        e.expires_on
    from {{ ref('int_evidence_current') }} as e
    left join {{ ref('int_schools') }} as s on e.school = s.school and e.period = s.school_year
    where e.indicator is not null
),

ranked as (
    select
        c.period,
        n.item,
        n.county,
        n.school,
        n.finding,
        n.document_no,
        n.title,
        n.issued_on,
        row_number() over (
            partition by c.period, n.item, n.county, n.school
            order by
                n.issued_on desc nulls last,
                case n.finding when 'not_done' then 0 when 'partly' then 1 else 2 end asc,
                n.document_no asc nulls last
        ) as place
    from named as n
    inner join {{ ref('calendar') }} as c
        on
            c.period_type = 'year'
            and (n.shown_in = c.period or (n.shown_in < c.period and n.expires_on > c.reference_date))
    inner join {{ ref('int_active_years') }} as y on c.period = y.school_year
    where n.county is not null
)

select
    period,
    item,
    county,
    school,
    finding,
    document_no,
    title,
    issued_on
from ranked
where place = 1

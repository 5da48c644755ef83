-- Grain: school year x item of the assessment x county x school ('' for the county itself): the finding in force. A finding
-- counts in its own school year, and in later ones only while a date of expiry says so; the latest issue counts, on one day the
-- stricter. Done needs a document number that does not say that there is none.
with named as (
    select
        e.period as shown_in,
        {{ evidence_item('e.indicator') }} as item,
        coalesce(e.county, s.county) as county,
        coalesce(e.school, '') as school,
        e.finding,
        {{ told_evidence('e.document_no') }} as document_no,
        e.title,
        e.issued_on,
        e.expires_on
    from {{ ref('int_evidence_current') }} as e
    left join {{ ref('int_schools') }} as s on e.school = s.school and e.period = s.school_year
    where e.indicator is not null and (e.finding <> 'done' or {{ told_evidence('e.document_no') }} is not null)
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
            order by {{ latest_issue_first('n') }}
        ) as place
    from named as n
    inner join {{ ref('calendar') }} as c
        on
            {{ counts_in('n.shown_in', 'n.expires_on') }}
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

-- Grain: active school year x commitment x area x school ('' for the area itself): the document in force that shows how it stands.
-- It counts in its own school year, and in later ones only while a date of expiry says so. What names the commitment comes before
-- what names its item of the assessment; the latest issue counts, on one day the stricter. A praise, talk or notice is shown by its
-- document number alone; a number that says that there is none shows nothing done.
with asked as (
    select
        commitment,
        indicator,
        events
    from {{ ref('commitment_routes') }}
    where part = 1 and route <> 'computed'
),

evidence as (
    select
        e.commitment,
        e.period,
        e.school,
        e.finding,
        e.issued_on,
        e.expires_on,
        e.evidence_sha256,
        {{ told_evidence('e.document_no') }} as document_no,
        {{ evidence_item('e.indicator') }} as item,
        coalesce(e.county, s.county) as area
    from {{ ref('int_evidence_current') }} as e
    left join {{ ref('int_schools') }} as s on e.school = s.school and e.period = s.school_year
),

shown as (
    select
        a.commitment,
        case when e.commitment = a.commitment then 0 else 1 end as by_item,
        e.period,
        e.area,
        coalesce(e.school, '') as school,
        e.finding,
        e.document_no,
        e.issued_on,
        e.expires_on,
        e.evidence_sha256
    from asked as a
    inner join evidence as e on a.commitment = e.commitment or a.indicator = e.item
    where e.finding <> 'done' or e.document_no is not null
    union all
    select
        a.commitment,
        0 as by_item,
        v.period,
        coalesce(v.county, s.county) as area,
        '' as school,
        'done' as finding,
        {{ told_evidence('v.document_no') }} as document_no,
        v.happened_on as issued_on,
        cast(null as date) as expires_on,
        cast(null as {{ dbt.type_string() }}) as evidence_sha256
    from asked as a
    inner join {{ ref('int_case_event_current') }} as v on '|' || a.events || '|' like '%|' || v.event || '|%'
    left join {{ ref('int_schools') }} as s on v.school = s.school and v.period = s.school_year
    where {{ told_evidence('v.document_no') }} is not null
),

ranked as (
    select
        c.school_year,
        s.*,
        row_number() over (
            partition by c.school_year, s.commitment, s.area, s.school
            order by
                s.by_item asc,
                {{ latest_issue_first('s') }},
                s.evidence_sha256 asc nulls last
        ) as place
    from shown as s
    inner join {{ ref('calendar') }} as c
        on
            {{ counts_in('s.period', 's.expires_on') }}
    inner join {{ ref('int_active_years') }} as y on c.school_year = y.school_year
    where s.area is not null
)

select
    school_year,
    commitment,
    area,
    school,
    finding,
    document_no,
    issued_on,
    evidence_sha256
from ranked
where place = 1

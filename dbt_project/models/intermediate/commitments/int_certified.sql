-- Grain: active school year x county x level of certification (self, city, province, state) that has spoken by the end of that
-- year: since when it is passed (null: not passed, or failed again later), and by which document.
with spoken as (
    select
        y.school_year,
        c.county,
        c.level,
        c.decided_on,
        {{ told_evidence('c.document_no') }} as document_no,
        -- the province and the state pass by a document: without one it is applied for
        case
            when c.outcome = 'passed' and c.level in ('province', 'state') and {{ told_evidence('c.document_no') }} is null then 'applied'
            else c.outcome
        end as outcome,
        max(case when c.outcome = 'failed' then c.decided_on end) over (
            partition by y.school_year, c.county, c.level
        ) as failed_on
    from {{ ref('int_certification_current') }} as c
    inner join {{ ref('int_active_years') }} as y on c.period <= y.school_year
),

ranked as (
    select
        *,
        row_number() over (
            partition by school_year, county, level
            order by
                case when outcome = 'passed' and (failed_on is null or decided_on > failed_on) then 0 else 1 end,
                decided_on asc
        ) as place
    from spoken
)

select
    school_year,
    county,
    level,
    case when outcome = 'passed' and (failed_on is null or decided_on > failed_on) then decided_on end as passed_on,
    case when outcome = 'passed' and (failed_on is null or decided_on > failed_on) then document_no end as document_no
from ranked
where place = 1

-- Grain: school year x county x level of certification that has spoken by the end of the year: its last word, and since when it is
-- passed (null: not passed, or failed again later).
with spoken as (
    select
        y.school_year,
        c.county,
        c.level,
        c.outcome,
        c.decided_on,
        {{ told_evidence('c.document_no') }} as document_no,
        row_number() over (
            partition by y.school_year, c.county, c.level
            order by c.decided_on desc, case c.outcome when 'failed' then 0 when 'passed' then 1 else 2 end asc
        ) as place
    from {{ ref('int_certification_current') }} as c
    inner join {{ ref('int_active_years') }} as y on c.period <= y.school_year
)

select
    s.school_year as period,
    s.county,
    s.level,
    s.outcome,
    s.decided_on,
    s.document_no,
    p.passed_on
from spoken as s
left join {{ ref('int_certified') }} as p
    on s.school_year = p.school_year and s.county = p.county and s.level = p.level
where s.place = 1

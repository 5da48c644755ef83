-- What is this: semesters in which the figures count more or fewer pupils than the roster has accountable ones.
-- When does it matter: a pupil counts once per period; the difference is pupils lost or doubled on the way.
-- How to resolve it: compare int_pupils with int_semester_counts for that period: a key of a join is not unique.
with roster as (
    select
        period,
        count(*) as pupils
    from {{ ref('int_pupils') }}
    where answers
    group by period
),

figures as (
    select
        period,
        sum(pupils) as pupils
    from {{ ref('int_semester_counts') }}
    group by period
)

select r.period
from roster as r
left join figures as f on r.period = f.period
where f.pupils is null or r.pupils <> f.pupils

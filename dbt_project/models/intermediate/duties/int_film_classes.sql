-- Grain: semester x class of the class roster: films seen. Per distinct recommended title the best attended screening
-- counts, never more than the class has pupils; second_film is the second largest of these (0 with fewer than two titles).
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['class_roster', 'film_screening']}
) }}
with classes as (
    select
        period,
        school,
        grade,
        class_no,
        pupils
    from {{ ref('int_class_current') }}
    where pupils > 0 and school is not null and {{ touched() }}
),

titles as (
    select
        c.period,
        c.school,
        c.grade,
        c.class_no,
        f.title_key,
        max(least(coalesce(f.attended, 0), c.pupils)) as attended
    from classes as c
    inner join {{ ref('int_film_current') }} as f
        on
            c.period = f.period
            and c.school = f.school
            and c.grade = f.grade_key
            and c.class_no = f.class_key
    where f.recommended and f.title_key <> ''
    group by c.period, c.school, c.grade, c.class_no, f.title_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by period, school, grade, class_no
            order by attended desc, title_key asc
        ) as place
    from titles
),

seen as (
    select
        period,
        school,
        grade,
        class_no,
        sum(attended) as films,
        sum(case when place = 2 then attended else 0 end) as second_film
    from ranked
    group by period, school, grade, class_no
)

select
    c.period,
    c.school,
    c.grade,
    c.class_no,
    c.pupils,
    coalesce(s.films, 0) as films,
    coalesce(s.second_film, 0) as second_film
from classes as c
left join seen as s
    on c.period = s.period and c.school = s.school and c.grade = s.grade and c.class_no = s.class_no

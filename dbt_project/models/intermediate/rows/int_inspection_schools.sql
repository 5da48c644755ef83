-- Grain: school name of an inspection that gives no code: the one school that bears or bore the name in the register.
-- A name that two schools share finds none: the clerk must give the code.
with wanted as (
    select distinct school_name
    from {{ ref('stg_food_inspection') }}
    where school is null and school_name is not null
),

bearers as (
    select distinct
        w.school_name,
        r.school
    from wanted as w
    inner join {{ ref('int_register_current') }} as r on w.school_name = r.school_name
),

former_bearers as (
    select distinct
        w.school_name,
        r.school
    from wanted as w
    inner join {{ ref('int_register_current') }} as r
        on
            r.former_names is not null
            and '|' || replace(replace(replace(replace(r.former_names, '、', '|'), '；', '|'), '，', '|'), ';', '|') || '|'
            like '%|' || w.school_name || '|%'
    left join bearers as b on w.school_name = b.school_name
    where b.school_name is null
),

found as (
    select
        school_name,
        school
    from bearers
    union all
    select
        school_name,
        school
    from former_bearers
)

select
    school_name,
    max(school) as school
from found
group by school_name
having count(*) = 1

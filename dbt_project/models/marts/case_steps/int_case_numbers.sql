-- Grain: case number and county x case: which case the events of a number belong to. The number is the case's own, or its
-- first event that names an indicator falls into the life of a case of that figure; else it is a case of the bureau's own
-- when it has an opening. A number that two counties use for cases of their own carries the county.
with numbers as (
    select
        case_no,
        owner,
        about_level,
        about_entity,
        about_indicator,
        about_on,
        max(case when event = 'open' then 1 else 0 end) as opened
    from {{ ref('int_case_events') }}
    group by case_no, owner, about_level, about_entity, about_indicator, about_on
),

by_number as (
    select
        n.case_no,
        n.owner,
        f.case_id
    from numbers as n
    inner join {{ ref('int_case_figures') }} as f on n.case_no = f.run_id
),

by_figure as (
    select
        n.case_no,
        n.owner,
        f.case_id
    from numbers as n
    inner join {{ ref('int_case_figures') }} as f
        on
            n.about_level = f.level
            and n.about_entity = f.entity
            and n.about_indicator = f.indicator
            and n.about_on >= f.life_from
            and (f.life_to is null or n.about_on < f.life_to)
    left join by_number as b on n.case_no = b.case_no
    where f.run <= f.last_own and b.case_no is null
),

linked as (
    select * from by_number
    union all
    select * from by_figure
),

own as (
    select
        n.case_no,
        n.owner,
        count(*) over (partition by n.case_no) as counties
    from numbers as n
    left join linked as l on n.case_no = l.case_no and n.owner = l.owner
    where n.opened = 1 and l.case_no is null
)

select
    case_no,
    owner,
    case_id,
    true as of_figure
from linked
union all
select
    case_no,
    owner,
    case when counties > 1 then case_no || '@' || owner else case_no end as case_id,
    false as of_figure
from own

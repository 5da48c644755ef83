-- Grain: feed x period x school that delivered at least one row which was not refused.
-- A row without a school speaks for the school that answers for its pupil; a closed school also for its successor.
with delivered as (
    select distinct
        'vision_check' as feed,
        v.period,
        v.school
    from {{ ref('int_vision_rows') }} as v
    where v.school is not null and coalesce(v.drop_reason, 'replaced') = 'replaced'
    union all
    select distinct
        'vision_check' as feed,
        v.period,
        p.school
    from {{ ref('int_vision_rows') }} as v
    inner join {{ ref('int_pupils') }} as p on v.period = p.period and v.pupil = p.pupil
    where v.school is null and p.school is not null
)

select feed, period, school
from delivered
union
select d.feed, d.period, s.successor as school
from delivered as d
inner join {{ ref('int_rules') }} as c on d.period = c.period
inner join {{ ref('int_school_successors') }} as s on c.roster_period = s.period and d.school = s.school

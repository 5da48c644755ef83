-- Grain: semester x pupil on the roster with at least one vision check, wherever it was taken.
-- A check counts when an eye has a value or ortho-K is worn. It is classed when ortho-K is not worn and both eyes have a
-- value, or the one that has is below the good limit. It can be screened for myopia when ortho-K is worn, or both
-- acuities and both spheres are there. The last such check of a pupil aged 6 or more decides; checks are put in order by date,
-- then round, and packed with their outcome into one integer, so that the last one is a plain maximum.
-- The first round is the first such check that does not call itself a later one; the second is the last, when it is another.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['vision_check']}
) }}
with checks as (
    select
        v.period,
        v.pupil,
        cast({{ date_number('coalesce(v.check_date, v.payload_date)') }} as bigint) * 100 + coalesce(v.round, 0) as check_order,
        p.born is null
        or p.born + c.minimum_age * 10000 <= {{ date_number('coalesce(v.check_date, v.payload_date)') }} as of_age,
        coalesce({{ date_number('coalesce(v.check_date, v.payload_date)') }} - p.born between 60000 and 69999, false) as six,
        coalesce(v.round, 1) > 1 as later_round,
        coalesce(v.glasses, '') = 'ortho_k' as ortho_k,
        v.va_right,
        v.va_left,
        least(v.va_right, v.va_left) as worse,
        v.va_right < c.good_va and 2 * v.sphere_right + coalesce(v.cylinder_right, 0) < c.myopia_limit as myopic_right,
        v.va_left < c.good_va and 2 * v.sphere_left + coalesce(v.cylinder_left, 0) < c.myopia_limit as myopic_left,
        v.sphere_right is not null and v.sphere_left is not null as both_spheres,
        c.good_va
    from {{ ref('int_vision_current') }} as v
    inner join {{ ref('int_pupils') }} as p on v.period = p.period and v.pupil = p.pupil
    inner join {{ ref('int_rules') }} as c on v.period = c.period
    where {{ touched('v.period') }}
),

judged as (
    select
        period,
        pupil,
        later_round,
        ortho_k or worse is not null as counted,
        case
            when
                of_age and not ortho_k and worse is not null
                and ((va_right is not null and va_left is not null) or worse < good_va)
                then check_order * 1000 + worse
        end as classed,
        case
            when of_age and (ortho_k or (va_right is not null and va_left is not null and both_spheres))
                then
                    check_order * 1000
                    + case when six then 4 else 0 end
                    + case when ortho_k then 3 when myopic_right or myopic_left then 1 else 0 end
        end as screened
    from checks
),

packed as (
    select
        period,
        pupil,
        cast(sum(case when counted then 1 else 0 end) as integer) as checks,
        max(classed) as last_classed,
        min(case when not later_round then classed end) as first_classed,
        max(screened) as last_screened,
        min(case when not later_round then screened end) as first_screened
    from judged
    group by period, pupil
)

select
    period,
    pupil,
    checks,
    cast(last_classed % 1000 as integer) as worse_eye,
    cast(first_classed % 1000 as integer) as first_eye,
    case when {{ another_check('first_classed', 'last_classed') }} then cast(last_classed % 1000 as integer) end as second_eye,
    -- of a screened check: 1 myopic, 2 ortho-K, 4 six years old
    cast(last_screened % 2 as integer) as myopic,
    cast(first_screened % 2 as integer) as first_myopic,
    case when {{ another_check('first_screened', 'last_screened') }} then cast(last_screened % 2 as integer) end as second_myopic,
    case when last_screened % 4 >= 2 then 1 when last_screened is not null then 0 end as ortho_k,
    last_screened % 8 >= 4 as six
from packed

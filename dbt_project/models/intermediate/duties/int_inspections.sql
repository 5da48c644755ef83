-- Grain: school year x school x inspection that is no self-check. A key item failed when its result is fail, or when only a
-- conclusion is given and that is fail; a finding is any item or conclusion that is fail. Findings are due when the due date is not after the last date of all inspections;
-- they are closed when every due item was re-checked by then and passed.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['food_inspection']}
) }}
with items as (
    select
        i.period,
        i.school,
        i.inspection_id,
        i.inspected_on,
        i.due_on,
        coalesce(i.rechecked_on <= i.due_on and i.recheck_result = 'pass', false) as closed,
        coalesce(
            (i.item = 0 and i.conclusion = 'fail')
            or (i.item > 0 and i.result = 'fail' and coalesce(k.key_item, false)),
            false
        ) as key_failed,
        coalesce((i.item = 0 and i.conclusion = 'fail') or (i.item > 0 and i.result = 'fail'), false) as failed
    from {{ ref('int_inspection_current') }} as i
    left join {{ ref('inspection_key_items') }} as k
        on i.item = k.item and i.inspected_on >= k.valid_from and i.inspected_on <= k.valid_to
    where coalesce(i.inspection_type, '') <> 'self' and i.school <> '' and {{ touched('i.period') }}
),

horizon as (
    select max(greatest(inspected_on, rechecked_on)) as last_date
    from {{ ref('int_inspection_current') }}
)

select
    i.period,
    i.school,
    i.inspection_id,
    max(case when i.key_failed then 1 else 0 end) as key_failed,
    max(case when i.failed then 1 else 0 end) as found,
    max(case when i.due_on <= h.last_date then 1 else 0 end) as due,
    min(case when i.due_on <= h.last_date and not i.closed then 0 else 1 end) as closed
from items as i
cross join horizon as h
group by i.period, i.school, i.inspection_id

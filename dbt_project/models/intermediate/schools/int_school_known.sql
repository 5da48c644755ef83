-- Grain: school that stands in any register row; its closing as the latest register tells it.
with ranked as (
    select
        school,
        closed_on,
        merged_into,
        row_number() over (partition by school order by period desc) as place
    from {{ ref('int_register_current') }}
)

select
    school,
    closed_on,
    merged_into
from ranked
where place = 1

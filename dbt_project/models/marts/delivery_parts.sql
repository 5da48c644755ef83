-- Grain: delivery part. As landed, less the rows the register refused. rejected: no accepted row is left; superseded: there
-- are accepted rows, and none of them is in force any more.
with refused as (
    select
        delivery_id,
        part,
        feed,
        count(*) as refused_rows
    from {{ ref('int_refused_rows') }}
    group by delivery_id, part, feed
),

superseded as (
    select
        delivery_id,
        part,
        feed,
        count(*) as superseded_rows
    from {{ ref('int_superseded_rows') }}
    group by delivery_id, part, feed
),

counted as (
    select
        p.*,
        coalesce(r.refused_rows, 0) as refused_rows,
        coalesce(s.superseded_rows, 0) as superseded_rows
    from {{ ref('stg_delivery_parts') }} as p
    left join refused as r on p.delivery_id = r.delivery_id and p.part = r.part and p.feed = r.feed
    left join superseded as s on p.delivery_id = s.delivery_id and p.part = s.part and p.feed = s.feed
)

select
    delivery_id,
    file_sha256,
    file_name,
    member,
    sheet,
    feed,
    school,
    period,
    case
        when state = 'loaded' and rows_accepted > 0 and rows_accepted <= refused_rows then 'rejected'
        when state = 'loaded' and rows_accepted > 0 and rows_accepted - refused_rows <= superseded_rows then 'superseded'
        else state
    end as state,
    rows_read,
    cast(rows_accepted - refused_rows as bigint) as rows_accepted,
    cast(rows_rejected + refused_rows as bigint) as rows_rejected,
    rows_not_data,
    case
        when state = 'loaded' and rows_accepted > 0 and rows_accepted <= refused_rows
            then '全部数据行与学校名册不符：学校不在名册中、已停用，或没有所填的年级。'
        else reason
    end as reason,
    part
from counted

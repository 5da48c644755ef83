-- Grain: a delivered row of vision checks that was not refused; is_current is false when later rows overwrote all of it.
-- Inner zone: read by `query --records` only. pupil is a keyed token.
select
    r.period,
    r.school,
    {{ token_hex('r.pupil') }} as pupil,
    {{ record_columns('vision_check', 'r') }},
    r.delivery_id,
    r.part,
    r.file_sha256,
    r.member,
    r.sheet,
    r.row_number,
    s.row_number is null as is_current
from {{ ref('int_vision_rows') }} as r
left join {{ ref('int_superseded_rows') }} as s
    on
        s.feed = 'vision_check'
        and r.period = s.period
        and r.delivery_id = s.delivery_id
        and r.part = s.part
        and r.row_number = s.row_number
where coalesce(r.drop_reason, 'replaced') = 'replaced'

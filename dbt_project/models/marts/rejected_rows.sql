-- Grain: a rejected data row (row_number null: a part refused as a whole), refused while landing or against the register.
select
    delivery_id,
    file_sha256,
    member,
    sheet,
    row_number,
    column_name,
    rule,
    reason_zh,
    reason_en,
    part,
    feed,
    period,
    school
from {{ ref('stg_rejected_rows') }}
union all
select
    delivery_id,
    file_sha256,
    member,
    sheet,
    row_number,
    case when by_name then '学校名称' else '学校标识码' end as column_name,
    rule,
    case
        when rule = 'unknown_school' and by_name
            then '学校名称在学校名册（含曾用名）中找不到唯一对应的学校，请核对名称或补填学校标识码后重报。'
        when rule = 'unknown_school'
            then '学校标识码' || school || '不在学校名册中，请核对后重报；如为新设学校，请先报送学校名册。'
        else '学校' || school || '在名册中已停用，本行日期不早于停用日期，请核对学校标识码或日期。'
    end as reason_zh,
    case
        when rule = 'unknown_school' and by_name then 'The school name fits no school of the register, or several.'
        when rule = 'unknown_school' then 'School ' || school || ' is not in the school register.'
        else 'School ' || school || ' had closed before the date of this row.'
    end as reason_en,
    part,
    feed,
    period,
    nullif(school, '') as school
from {{ ref('int_refused_rows') }}

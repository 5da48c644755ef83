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
    r.delivery_id,
    r.file_sha256,
    r.member,
    r.sheet,
    r.row_number,
    case
        when r.rule = 'grade_not_taught' then '年级编号'
        when r.rule in ('unknown_area', 'other_area') then '区县代码'
        when r.rule in ('unknown_commitment', 'commitment_elsewhere') then '承诺编号'
        when r.by_name then '学校名称'
        else '学校标识码'
    end as column_name,
    r.rule,
    case
        when r.rule = 'grade_not_taught'
            then
                '本行年级读作' || g.name_zh || '，而学校' || r.school || '按名册中的办学类型只有'
                || lowest.name_zh || '至' || highest.name_zh
                || '，请核对学校标识码和年级（年级编号 11-16 为小学，21-24 为初中，31-33 为高中）后重报。'
        when r.rule = 'unknown_area'
            then '区县代码' || r.county || '不是已知的区县，请核对；没有国家代码的功能区须先在学校名册中出现。'
        when r.rule = 'other_area'
            then '区县代码' || r.county || '与学校' || r.school || '在名册中的区县不一致，请核对学校标识码或区县代码。'
        when r.rule = 'unknown_commitment'
            then '承诺编号不在五份政策文件的承诺清单中，请核对编号（如 NY-068）。'
        when r.rule = 'commitment_elsewhere'
            then '该承诺出自其他地区的文件，对本行所填区县（或学校所在区县）没有约束，未采用；请核对承诺编号和区县代码。'
        when r.rule = 'unknown_school' and r.by_name
            then '学校名称在学校名册（含曾用名）中找不到唯一对应的学校，请核对名称或补填学校标识码后重报。'
        when r.rule = 'unknown_school'
            then '学校标识码' || r.school || '不在学校名册中，请核对后重报；如为新设学校，请先报送学校名册。'
        else '学校' || r.school || '在名册中已停用，本行日期不早于停用日期，请核对学校标识码或日期。'
    end as reason_zh,
    case
        when r.rule = 'grade_not_taught'
            then 'School ' || r.school || ' has no ' || lower(g.name_en) || ' by its type in the register.'
        when r.rule = 'unknown_area' then 'Area ' || r.county || ' is not known.'
        when r.rule = 'other_area' then 'School ' || r.school || ' is registered in another county.'
        when r.rule = 'unknown_commitment' then 'There is no such commitment.'
        when r.rule = 'commitment_elsewhere' then 'The commitment is of another region and binds nobody here.'
        when r.rule = 'unknown_school' and r.by_name then 'The school name fits no school of the register, or several.'
        when r.rule = 'unknown_school' then 'School ' || r.school || ' is not in the school register.'
        else 'School ' || r.school || ' had closed before the date of this row.'
    end as reason_en,
    r.part,
    r.feed,
    r.period,
    nullif(r.school, '') as school
from {{ ref('int_refused_rows') }} as r
left join {{ ref('int_school_known') }} as known on r.school = known.school
left join {{ ref('grades') }} as g on r.grade = g.grade
left join {{ ref('grades') }} as lowest on known.lowest_grade = lowest.grade
left join {{ ref('grades') }} as highest on known.highest_grade = highest.grade

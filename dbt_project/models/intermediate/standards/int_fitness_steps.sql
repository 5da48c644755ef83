-- Grain: item x grade x sex x step of its table, in scaled integers: from_value to to_value, both included, give this score.
-- A value between two rows takes the lower score; beyond the last row it is 0. Steps above the 100-point row add a bonus.
-- The open ends are null.
{{ config(tags=['code_only']) }}
with items as (
    select
        item,
        name_zh,
        scale,
        case better when 'lower' then -1 else 1 end as direction
    from {{ ref('fitness_items') }}
),

-- merit grows with the performance: seconds count backwards
printed as (
    select
        i.item,
        s.grade,
        s.sex,
        i.direction,
        i.direction
        * cast(round(cast(case when s.better <> 'range' then s.value end as decimal(9, 2)) * i.scale) as integer) as merit,
        s.score,
        0 as bonus
    from {{ ref('fitness_scoring') }} as s
    inner join items as i on s.item = i.name_zh
    where s.better <> 'range'
),

steps as (
    select
        item,
        grade,
        sex,
        direction,
        merit,
        score,
        bonus,
        cast(null as {{ dbt.type_string() }}) as bmi_class
    from printed
    union all
    select
        p.item,
        p.grade,
        p.sex,
        p.direction,
        p.merit + p.direction * cast(round(b.delta_from_100_row * i.scale) as integer) as merit,
        p.score,
        b.bonus_points as bonus,
        cast(null as {{ dbt.type_string() }}) as bmi_class
    from {{ ref('fitness_bonus') }} as b
    inner join items as i on b.item = i.name_zh
    inner join printed as p on i.item = p.item and b.grade = p.grade and b.sex = p.sex and p.score = 100
    union all
    select distinct
        item,
        grade,
        sex,
        direction,
        cast(null as integer) as merit,
        0 as score,
        0 as bonus,
        cast(null as {{ dbt.type_string() }}) as bmi_class
    from printed
    union all
    select
        'bmi' as item,
        grade,
        sex,
        1 as direction,
        cast(round(min_inclusive * 10) as integer) as merit,
        score,
        0 as bonus,
        case label when '正常' then 'normal' when '低体重' then 'thin' when '超重' then 'overweight' when '肥胖' then 'obese' end as bmi_class
    from {{ ref('fitness_bmi') }}
),

ended as (
    select
        *,
        lead(merit) over (partition by item, grade, sex order by merit asc nulls first) - 1 as last_merit
    from steps
)

select
    item,
    grade,
    case sex when 'F' then 'female' when 'M' then 'male' end as sex,
    case when direction = 1 then merit else -last_merit end as from_value,
    case when direction = 1 then last_merit else -merit end as to_value,
    score,
    bonus,
    bmi_class
from ended

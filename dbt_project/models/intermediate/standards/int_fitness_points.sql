-- Grain: item x grade x sex x value, for every whole value the tables reach; lookup holds grade, sex and value in one integer.
-- Items a grade and sex do not do have no row. A value beyond the reach scores as its end does.
{{ config(tags=['code_only']) }}
with digits as (
    select 0 as d
    {%- for d in range(1, 10) %}
    union all
    select {{ d }} as d
    {%- endfor %}
),

whole_numbers as (
    select a.d + 10 * b.d + 100 * c.d + 1000 * e.d - 1000 as n
    from digits as a
    cross join digits as b
    cross join digits as c
    cross join digits as e
),

reach as (
    select
        item,
        min(coalesce(from_value, to_value)) as low,
        max(coalesce(to_value, from_value)) as high
    from {{ ref('int_fitness_steps') }}
    group by item
)

select
    s.item,
    {{ fitness_base('s.grade', 's.sex') }} + w.n as lookup,
    s.score,
    s.bonus,
    s.bmi_class,
    v.weight_pct as weight
from {{ ref('int_fitness_steps') }} as s
inner join reach as r on s.item = r.item
inner join {{ ref('fitness_items') }} as i on s.item = i.item
inner join {{ ref('fitness_weights') }} as v
    on i.name_zh = v.item and s.grade = v.grade and s.sex = case v.sex when 'F' then 'female' when 'M' then 'male' end
inner join whole_numbers as w
    on w.n >= coalesce(s.from_value, r.low) and w.n <= coalesce(s.to_value, r.high)

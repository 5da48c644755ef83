-- What is this: a table of the fitness standard with a row too few or too many, weights that do not add up to 100, BMI bands with a gap, a row out of order.
-- When does it matter: a lost row moves pupils to the row below it, and nothing else would show it.
-- How to resolve it: compare the seed with the printed standard; the tables of 2014 are closed and have these many rows.
select 'fitness_scoring: rows' as fault
from {{ ref('fitness_scoring') }}
having count(*) <> 2703
union all
select 'fitness_bmi: rows' as fault
from {{ ref('fitness_bmi') }}
having count(*) <> 96
union all
select 'fitness_bonus: rows' as fault
from {{ ref('fitness_bonus') }}
having count(*) <> 480
union all
select 'fitness_weights: rows' as fault
from {{ ref('fitness_weights') }}
having count(*) <> 156
union all
select 'fitness_rules: rows' as fault
from {{ ref('fitness_rules') }}
having count(*) <> 25
union all
select 'fitness_weights: not 100' as fault
from {{ ref('fitness_weights') }}
group by grade, sex
having sum(weight_pct) <> 100
union all
select 'fitness_bmi: gap between bands' as fault
from {{ ref('fitness_bmi') }} as b
left join {{ ref('fitness_bmi') }} as above
    on b.grade = above.grade and b.sex = above.sex and b.max_inclusive + 0.1 = above.min_inclusive
where b.max_inclusive is not null and above.grade is null
union all
select 'unknown item ' || w.item as fault
from {{ ref('fitness_weights') }} as w
left join {{ ref('fitness_items') }} as i on w.item = i.name_zh
where i.item is null
union all
select 'no table for ' || i.item as fault
from {{ ref('fitness_weights') }} as w
inner join {{ ref('fitness_items') }} as i on w.item = i.name_zh
left join {{ ref('int_fitness_steps') }} as s
    on i.item = s.item and w.grade = s.grade and s.sex = case w.sex when 'F' then 'female' else 'male' end
where s.item is null
union all
-- the better value has the better score, so no step is empty
select 'empty step of ' || item as fault
from {{ ref('int_fitness_steps') }}
where from_value > to_value
union all
select 'value beyond the look-up: ' || item as fault
from {{ ref('int_fitness_steps') }}
where coalesce(from_value, to_value) < -900 or coalesce(to_value, from_value) > 8900

-- What is this: same pupils counted over two denominators, or more new cases than there are cases now.
-- When does it matter: the change on the same pupils is a difference of counts over one denominator; on two it says nothing.
-- How to resolve it: the pupils of one of the two counts are not those of the other: look at int_vision_year_counts.
select after_figure
from {{ ref('vision_change') }}
where basis = 'same' and before_denominator <> after_denominator
union all
select n.figure_id
from {{ ref('indicator_values') }} as n
inner join {{ ref('vision_change') }} as c
    on
        n.indicator = c.outcome || '_new'
        and n.period = c.period
        and n.level = c.level
        and n.entity = c.entity
        and n.stage = c.stage
where
    c.span = 'year' and c.basis = 'same' and n.subgroup = 'all'
    and (n.numerator > c.after_numerator or n.denominator <> c.after_denominator - c.before_numerator)

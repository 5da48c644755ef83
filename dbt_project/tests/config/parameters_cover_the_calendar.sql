-- What is this: a rule parameter with no value, or two, on the reference date of a period.
-- When does it matter: the rule would compare with nothing, or with a value nobody chose.
-- How to resolve it: make the dates in seeds/rule_parameters.csv meet without overlap.
select
    c.period,
    p.parameter
from {{ ref('calendar') }} as c
cross join (select distinct parameter from {{ ref('rule_parameters') }}) as p
left join {{ ref('rule_parameters') }} as v
    on p.parameter = v.parameter and c.reference_date >= v.valid_from and c.reference_date <= v.valid_to
group by c.period, p.parameter
having count(v.parameter) <> 1

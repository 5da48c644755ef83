-- What is this: the same figure twice.
-- When does it matter: a page would show one of two numbers, and nobody could say which.
-- How to resolve it: a join in the roll-up multiplies rows: look for a school or target listed twice in a period.
select figure_id
from {{ ref('indicator_values') }}
group by figure_id
having count(*) > 1

-- What is this: the limits of WS/T 586 or WS/T 456 with a row too few or too many, an age or a limit missing, or limits out of order.
-- When does it matter: a pupil of an age without limits is in no class, and one limit above the next hides a class.
-- How to resolve it: compare the seed with the printed standards: 25 half years from 6.0 to 18.0, two sexes, five limits each.
select 'bmi_screening: rows' as fault
from {{ ref('bmi_screening') }}
having count(*) <> 250
union all
select 'int_exam_classes: ages' as fault
from {{ ref('int_exam_classes') }}
having count(*) <> 50 or min(half_years) <> 12 or max(half_years) <> 36
union all
select 'limits out of order: ' || sex || ' ' || half_years as fault
from {{ ref('int_exam_classes') }}
where
    coalesce(thin_severe_to_e1 < thin_mild_to_e1, false) = false
    or coalesce(thin_mild_to_e1 < overweight_from_e1, false) = false
    or coalesce(overweight_from_e1 < obese_from_e1, false) = false
    or stunted_to_mm is null

-- Grain: sex x age in completed half years (12 is 6.0, 36 is 18.0): the limits of WS/T 586-2018 and WS/T 456-2014 in scaled
-- integers, each included: BMI in tenths, height in millimetres. The row of 18.0 ends before 18.5; other ages have no row.
{{ config(tags=['code_only']) }}
select
    case sex when 'F' then 'female' when 'M' then 'male' end as sex,
    cast(round(age_half_year * 2) as integer) as half_years,
    max(case when category = 'thin_moderate_severe' then cast(round(threshold * 10) as integer) end) as thin_severe_to_e1,
    max(case when category = 'thin_mild' then cast(round(threshold * 10) as integer) end) as thin_mild_to_e1,
    max(case when category = 'overweight' then cast(round(threshold * 10) as integer) end) as overweight_from_e1,
    max(case when category = 'obese' then cast(round(threshold * 10) as integer) end) as obese_from_e1,
    max(case when category = 'stunting_height_cm' then cast(round(threshold * 10) as integer) end) as stunted_to_mm
from {{ ref('bmi_screening') }}
group by sex, age_half_year

-- What is this: places where mild, moderate and severe poor vision do not add up to poor vision.
-- When does it matter: the three bands are one share cut in three; a gap means an acuity that no band takes.
-- How to resolve it: check the band limits in seeds/rule_parameters.csv.
select
    period,
    school,
    grade,
    sex
from {{ ref('int_semester_counts') }}
where mild + moderate + severe <> poor or poor > classed

-- Grain: school year x county x stage. L1_CV to L7_CV: standard deviation over mean, both x 10^9.
{{ config(materialized='view', meta={'indicators': ['L1_CV', 'L2_CV', 'L3_CV', 'L4_CV', 'L5_CV', 'L6_CV', 'L7_CV']}) }}
select
    indicator || '_CV' as indicator,
    period,
    county,
    stage,
    cast(round(sd * 1000000000) as bigint) as numerator,
    cast(round(mean * 1000000000) as bigint) as denominator,
    true as reported
from {{ ref('int_resource_variation') }}
where mean > 0

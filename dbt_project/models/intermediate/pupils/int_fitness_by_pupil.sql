-- Grain: school year x pupil with a fitness row. Height and weight alone are not a test.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['fitness_test']}
) }}
select
    period,
    pupil,
    coalesce(participation, '') = 'exempt' as exempt,
    coalesce(
        vital_capacity, run_50m, sit_reach, rope, sit_up, pull_up, shuttle_50x8, standing_jump, run_800m, run_1000m
    ) is not null as tested
from {{ ref('int_fitness_current') }}
where {{ touched() }}

-- Grain: a counting row whose pupil have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['fitness_test']}
) }}
{{ repeated_rows(ref('int_fitness_rows'), ['period', 'pupil', 'check_key']) }}

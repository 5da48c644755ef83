-- Grain: period x pupil, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_fitness_rows'), ref('int_fitness_repeated'), ['period', 'pupil', 'check_key'],
    value_columns('fitness_test', [])
) }}

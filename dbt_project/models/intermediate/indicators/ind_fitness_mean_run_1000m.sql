-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: 1000 m run.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_run_1000m', 'int_fitness_counts', 'sum_run_1000m', 'with_run_1000m') }}

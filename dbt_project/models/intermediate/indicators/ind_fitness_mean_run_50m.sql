-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: 50 m run.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_run_50m', 'int_fitness_counts', 'sum_run_50m', 'with_run_50m') }}

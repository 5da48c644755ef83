-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: 50 m run.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_mean_run_50m', 'sum_run_50m', 'with_run_50m') }}

-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: 50 m x 8 shuttle run.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_shuttle_50x8', 'int_fitness_counts', 'sum_shuttle_50x8', 'with_shuttle_50x8') }}

-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: vital capacity.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_vital_capacity', 'int_fitness_counts', 'sum_vital_capacity', 'with_vital_capacity') }}

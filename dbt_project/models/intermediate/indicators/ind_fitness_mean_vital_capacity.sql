-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: vital capacity.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_mean_vital_capacity', 'sum_vital_capacity', 'with_vital_capacity') }}

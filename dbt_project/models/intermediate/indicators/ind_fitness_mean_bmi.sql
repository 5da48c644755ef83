-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: body mass index.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_bmi', 'int_fitness_counts', 'sum_bmi', 'with_bmi') }}

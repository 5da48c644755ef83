-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: body mass index.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_mean_bmi', 'sum_bmi', 'with_bmi') }}

-- Grain: school year x school x grade x sex. Underweight by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_bmi_thin', 'bmi_thin', 'weighed') }}

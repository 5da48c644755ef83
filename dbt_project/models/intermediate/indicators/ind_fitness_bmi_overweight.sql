-- Grain: school year x school x grade x sex. Overweight by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_bmi_overweight', 'bmi_overweight', 'weighed') }}

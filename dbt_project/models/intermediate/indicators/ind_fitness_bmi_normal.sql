-- Grain: school year x school x grade x sex. Normal by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_bmi_normal', 'bmi_normal', 'weighed') }}

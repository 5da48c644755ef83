-- Grain: school year x school x grade x sex. Obese by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_bmi_obese', 'bmi_obese', 'weighed') }}

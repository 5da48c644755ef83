-- Grain: school year x school x grade x sex. Underweight by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_bmi_thin', 'int_fitness_counts', 'bmi_thin', 'weighed') }}

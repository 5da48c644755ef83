-- Grain: school year x school x grade x sex. Normal by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_bmi_normal', 'int_fitness_counts', 'bmi_normal', 'weighed') }}

-- Grain: school year x school x grade x sex. Overweight by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_bmi_overweight', 'int_fitness_counts', 'bmi_overweight', 'weighed') }}

-- Grain: school year x school x grade x sex. Obese by the bands of the fitness standard, by grade.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_bmi_obese', 'int_fitness_counts', 'bmi_obese', 'weighed') }}

-- Grain: school year x school x grade x sex. Total of 90.0 or more, over all who have a total.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_excellent', 'reached_excellent', 'judged') }}

-- Grain: school year x school x grade x sex. Total of 80.0 or more, over all who have a total.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_good', 'reached_good', 'judged') }}

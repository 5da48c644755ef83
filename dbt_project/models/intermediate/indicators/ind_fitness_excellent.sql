-- Grain: school year x school x grade x sex. Total of 90.0 or more, over all who have a total.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_excellent', 'int_fitness_counts', 'reached_excellent', 'judged') }}

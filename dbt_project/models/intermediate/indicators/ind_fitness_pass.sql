-- Grain: school year x school x grade x sex. Total of 60.0 or more, over all who have a total.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_pass', 'int_fitness_counts', 'reached_pass', 'judged') }}

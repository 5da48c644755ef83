-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: sit-ups in a minute.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_sit_up', 'int_fitness_counts', 'sum_sit_up', 'with_sit_up') }}

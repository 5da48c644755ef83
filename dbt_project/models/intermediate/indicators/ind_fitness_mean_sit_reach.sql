-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: sit and reach.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_sit_reach', 'int_fitness_counts', 'sum_sit_reach', 'with_sit_reach') }}

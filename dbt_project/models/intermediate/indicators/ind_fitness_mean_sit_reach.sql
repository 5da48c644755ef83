-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: sit and reach.
{{ config(materialized='view') }}
{{ fitness_indicator('fitness_mean_sit_reach', 'sum_sit_reach', 'with_sit_reach') }}

-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: pull-ups.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_pull_up', 'int_fitness_counts', 'sum_pull_up', 'with_pull_up') }}

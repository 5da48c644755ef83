-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: standing long jump.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_standing_jump', 'int_fitness_counts', 'sum_standing_jump', 'with_standing_jump') }}

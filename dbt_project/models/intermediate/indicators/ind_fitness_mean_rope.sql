-- Grain: school year x school x grade x sex. Sum of scores over pupils with a result: rope skipping in a minute.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_mean_rope', 'int_fitness_counts', 'sum_rope', 'with_rope') }}

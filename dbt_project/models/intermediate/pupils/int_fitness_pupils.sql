-- Grain: school year x pupil with a fitness row: what the pupil adds to each count of int_fitness_counts. Read by the
-- trace of a figure only.
{{ config(materialized='view', meta={'counts': 'int_fitness_counts'}) }}
{{ fitness_counts(by_pupil=true) }}

-- Grain: school year x school x grade x sex. The exempt are out of both.
{{ config(materialized='view') }}
{{ counted_indicator('fitness_coverage', 'int_year_counts', 'tested', 'not_exempt') }}

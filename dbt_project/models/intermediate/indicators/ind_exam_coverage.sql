-- Grain: school year x school x grade x sex. Examined at least once in the year.
{{ config(materialized='view') }}
{{ counted_indicator('exam_coverage', 'int_year_counts', 'examined', 'pupils') }}

-- Grain: school year x school x grade x sex. An examination and a counted vision check.
{{ config(materialized='view') }}
{{ counted_indicator('health_file', 'int_year_counts', 'with_file', 'pupils') }}

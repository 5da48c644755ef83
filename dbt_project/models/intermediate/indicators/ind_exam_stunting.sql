-- Grain: school year x school x grade x sex. Height at or below the limit of WS/T 456-2014, by half-year age.
{{ config(materialized='view') }}
{{ counted_indicator('exam_stunting', 'int_exam_counts', 'stunted', 'measured') }}

-- Grain: school year x school x grade x sex. Thin, mildly or more, by WS/T 456-2014, by half-year age.
{{ config(materialized='view') }}
{{ counted_indicator('exam_thinness', 'int_exam_counts', 'thin', 'weighed') }}

-- Grain: school year x school x grade x sex. Thin, mildly or more, by WS/T 456-2014, by half-year age.
{{ config(materialized='view') }}
{{ exam_indicator('exam_thinness', 'thin', 'weighed') }}

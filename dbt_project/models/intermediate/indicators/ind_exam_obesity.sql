-- Grain: school year x school x grade x sex. Obese by WS/T 586-2018, by half-year age.
{{ config(materialized='view') }}
{{ counted_indicator('exam_obesity', 'int_exam_counts', 'obese', 'weighed') }}

-- Grain: school year x school x grade x sex. Overweight by WS/T 586-2018, by half-year age; the obese are not among them.
{{ config(materialized='view') }}
{{ counted_indicator('exam_overweight', 'int_exam_counts', 'overweight', 'weighed') }}

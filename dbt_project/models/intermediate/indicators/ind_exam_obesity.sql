-- Grain: school year x school x grade x sex. Obese by WS/T 586-2018, by half-year age.
{{ config(materialized='view') }}
{{ exam_indicator('exam_obesity', 'obese', 'weighed') }}

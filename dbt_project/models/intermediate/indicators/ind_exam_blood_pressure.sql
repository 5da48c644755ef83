-- Grain: school year x school x grade x sex. Blood pressure measured, over those examined; nothing is said of its height.
{{ config(materialized='view') }}
{{ counted_indicator('exam_blood_pressure', 'int_exam_counts', 'with_pressure', 'examined') }}

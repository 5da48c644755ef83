-- Grain: school year x school x grade x sex. Spine found bent, as delivered.
{{ config(materialized='view') }}
{{ counted_indicator('exam_spine', 'int_exam_counts', 'spine_bent', 'spine_seen') }}

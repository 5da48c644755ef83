-- Grain: school year x school x grade x sex. Spine found bent, as delivered.
{{ config(materialized='view') }}
{{ exam_indicator('exam_spine', 'spine_bent', 'spine_seen') }}

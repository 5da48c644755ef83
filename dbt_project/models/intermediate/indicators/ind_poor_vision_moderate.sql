-- Grain: semester x school x grade x sex. Same pupils as poor_vision.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_moderate', 'int_semester_counts', 'moderate', 'classed') }}

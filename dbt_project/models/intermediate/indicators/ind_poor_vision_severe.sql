-- Grain: semester x school x grade x sex. Same pupils as poor_vision.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_severe', 'int_semester_counts', 'severe', 'classed') }}

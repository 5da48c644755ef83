-- Grain: semester x school x grade x sex. The worse eye of the last classed check decides.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision', 'int_semester_counts', 'poor', 'classed') }}

-- Grain: semester x school x grade x sex. The last complete check decides; ortho-K is myopic.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia', 'int_semester_counts', 'myopic', 'screened') }}

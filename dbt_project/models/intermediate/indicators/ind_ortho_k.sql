-- Grain: semester x school x grade x sex. Ortho-K wearers among those screened for myopia.
{{ config(materialized='view') }}
{{ counted_indicator('ortho_k', 'int_semester_counts', 'ortho_k', 'screened') }}

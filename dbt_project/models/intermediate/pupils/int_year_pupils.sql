-- Grain: school year x pupil accountable in autumn: what the pupil adds to each count of int_year_counts. Read by the
-- trace of a figure only.
{{ config(materialized='view', meta={'counts': 'int_year_counts'}) }}
{{ year_counts(by_pupil=true) }}

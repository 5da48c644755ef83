-- Grain: semester x accountable pupil: what the pupil adds to each count of int_semester_counts. Read by the trace of a
-- figure only.
{{ config(materialized='view', meta={'counts': 'int_semester_counts'}) }}
{{ semester_counts(by_pupil=true) }}

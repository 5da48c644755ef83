-- Grain: school year x examined pupil: what the pupil adds to each count of int_exam_counts. Read by the trace of a
-- figure only.
{{ config(materialized='view', meta={'counts': 'int_exam_counts'}) }}
{{ exam_counts(by_pupil=true) }}

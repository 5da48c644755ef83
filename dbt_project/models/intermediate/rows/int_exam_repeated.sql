-- Grain: a counting row whose pupil and date have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['physical_exam']}
) }}
{{ repeated_rows(ref('int_exam_rows'), ['period', 'pupil', 'check_key']) }}

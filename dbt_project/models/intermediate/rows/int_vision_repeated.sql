-- Grain: a counting row whose pupil and check have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['vision_check']}
) }}
{{ repeated_rows(ref('int_vision_rows'), ['period', 'pupil', 'check_key']) }}

-- Grain: a counting row whose school, grade and class have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['class_roster']}
) }}
{{ repeated_rows(ref('int_class_rows'), ['period', 'school', 'grade', 'class_no']) }}

-- Grain: a counting row whose class and screening have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['film_screening']}
) }}
{{ repeated_rows(ref('int_film_rows'), ['period', 'school', 'grade_key', 'class_key', 'title_key', 'shown_key', 'start_key']) }}

-- Grain: a counting row whose school have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['kitchen_register']}
) }}
{{ repeated_rows(ref('int_kitchen_rows'), ['period', 'school']) }}

-- Grain: a counting row whose inspection and item have several, numbered from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['food_inspection']}
) }}
{{ repeated_rows(ref('int_inspection_rows'), ['period', 'school', 'inspection_id', 'item']) }}

-- Grain: period x kind x token of a record that does not name its pupil by the roster's own key.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['fitness_test']}
) }}
{{ pupil_links('fitness_test', "r.period || '-1'") }}

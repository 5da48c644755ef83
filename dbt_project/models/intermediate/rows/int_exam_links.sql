-- Grain: period x kind x token of a record that does not name its pupil by the roster's own key.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['physical_exam']}
) }}
{{ pupil_links('physical_exam', "r.period || '-1'") }}

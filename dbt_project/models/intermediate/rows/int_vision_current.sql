-- Grain: period x pupil and check, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_vision_rows'), ref('int_vision_repeated'), ['period', 'pupil', 'check_key'],
    value_columns('vision_check', [])
) }}

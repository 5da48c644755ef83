-- Grain: period x pupil and date, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_exam_rows'), ref('int_exam_repeated'), ['period', 'pupil', 'check_key'],
    value_columns('physical_exam', [])
) }}

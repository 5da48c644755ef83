-- Grain: a delivered row with its pupil and key; drop_reason says why it does not count. The pupil is looked up on the autumn roster.
{{ config(materialized='view') }}
{% set check_key = 'cast(coalesce(' ~ date_number('r.exam_date') ~ ', 0) as integer)' %}
{{ pupil_rows('physical_exam', ref('int_exam_links'), 'exam_date', check_key) }}

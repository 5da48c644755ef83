-- Grain: a delivered row with its pupil; drop_reason says why it does not count.
{{ config(materialized='view') }}
{{ pupil_rows('vision_check', ref('int_vision_links'), 'check_date') }}

-- Grain: a delivered row with its pupil and key; drop_reason says why it does not count. A check is known by its date, else by its round.
{{ config(materialized='view') }}
{% set check_key = 'cast(coalesce(' ~ date_number('r.check_date') ~ ', r.round, 0) as integer)' %}
{{ pupil_rows('vision_check', ref('int_vision_links'), 'check_date', check_key) }}

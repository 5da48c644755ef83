-- Grain: period x class and screening, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_film_rows'), ref('int_film_repeated'), ['period', 'school', 'grade_key', 'class_key', 'title_key', 'shown_key', 'start_key'],
    value_columns('film_screening', ['school'])
) }}

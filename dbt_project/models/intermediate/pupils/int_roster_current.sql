-- Grain: semester x pupil x school as on the roster, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_roster_rows'), ref('int_roster_repeated'), ['period', 'pupil', 'school'],
    value_columns('student_roster', ['school']), ['period', 'pupil']
) }}

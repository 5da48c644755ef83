-- Grain: a counting roster row of a pupil who has several in the semester (corrections, or two schools);
-- nth numbers the rows of one pupil at one school from the earliest.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster']}
) }}
{{ repeated_rows(ref('int_roster_rows'), ['period', 'pupil', 'school'], ['period', 'pupil']) }}

-- Grain: school year x school x grade x sex: how many pupils accountable on the autumn reference date, how many of them were
-- examined, tested, exempt, and have a health file (an examination and a counted vision check in either semester).
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check', 'physical_exam', 'fitness_test'], 'period_grain': 'year'}
) }}
{{ year_counts() }}

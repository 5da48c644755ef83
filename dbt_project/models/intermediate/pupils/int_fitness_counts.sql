-- Grain: school year x school x grade x sex: pupils accountable on the autumn reference date, and how many of them are exempt,
-- have a total and reach each level, fall into each BMI band, and have a score of each item, with the sum of those scores.
-- Who is exempt is in none of the others; who has no total is neither passed nor failed.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'fitness_test'], 'period_grain': 'year'}
) }}
{{ fitness_counts() }}

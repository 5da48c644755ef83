-- Grain: school year x school x grade x sex: pupils accountable on the autumn reference date whom an examination classes by
-- BMI, by height, by teeth and by spine, and how many of them fall into each class. Who is in no class is in no denominator;
-- examined are all of them, with_pressure those whose blood pressure was measured.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'physical_exam'], 'period_grain': 'year'}
) }}
{{ exam_counts() }}

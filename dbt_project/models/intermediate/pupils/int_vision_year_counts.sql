-- Grain: semester x school x grade x sex: accountable pupils with an outcome in this semester and in the same semester of the
-- school year before, wherever they were then, and how many had it then, have it now, or have it newly.
-- Two semesters judged by different rules are not compared.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
{{ vision_year_counts() }}

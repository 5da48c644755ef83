-- Grain: semester x school x grade x sex: how many accountable pupils, and how many of each outcome of the vision checks;
-- at the end how many have it in each of the two rounds, whoever was seen in that round or seen in both.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['student_roster', 'vision_check']}
) }}
{{ semester_counts() }}

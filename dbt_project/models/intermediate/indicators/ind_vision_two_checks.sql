-- Grain: semester x school x grade x sex. Pupils who came during the semester are out of both.
{{ config(materialized='view') }}
{{ counted_indicator('vision_two_checks', 'int_semester_counts', 'checked_enough', 'full_pupils') }}

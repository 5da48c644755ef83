-- Grain: semester x school x grade x sex. Poor vision in the first round, of all who have one.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_round1', 'int_semester_counts', 'poor_round1', 'poor_round1_of') }}

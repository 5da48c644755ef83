-- Grain: semester x school x grade x sex. Poor vision in the first round, of those who have both.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_same_round1', 'int_semester_counts', 'poor_both_round1', 'poor_both_of') }}

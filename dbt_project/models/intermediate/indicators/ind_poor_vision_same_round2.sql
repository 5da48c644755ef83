-- Grain: semester x school x grade x sex. Poor vision in the second round, of those who have both.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_same_round2', 'int_semester_counts', 'poor_both_round2', 'poor_both_of') }}

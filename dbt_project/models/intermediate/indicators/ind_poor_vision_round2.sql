-- Grain: semester x school x grade x sex. Poor vision in the second round, of all who have one.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_round2', 'int_semester_counts', 'poor_round2', 'poor_round2_of') }}

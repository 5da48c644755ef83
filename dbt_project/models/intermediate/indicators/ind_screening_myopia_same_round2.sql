-- Grain: semester x school x grade x sex. Screening myopia in the second round, of those who have both.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_same_round2', 'int_semester_counts', 'myopic_both_round2', 'myopic_both_of') }}

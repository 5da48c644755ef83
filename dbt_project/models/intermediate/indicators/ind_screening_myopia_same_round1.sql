-- Grain: semester x school x grade x sex. Screening myopia in the first round, of those who have both.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_same_round1', 'int_semester_counts', 'myopic_both_round1', 'myopic_both_of') }}

-- Grain: semester x school x grade x sex. Screening myopia in the first round, of all who have one.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_round1', 'int_semester_counts', 'myopic_round1', 'myopic_round1_of') }}

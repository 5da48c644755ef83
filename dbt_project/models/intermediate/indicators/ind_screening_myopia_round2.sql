-- Grain: semester x school x grade x sex. Screening myopia in the second round, of all who have one.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_round2', 'int_semester_counts', 'myopic_round2', 'myopic_round2_of') }}

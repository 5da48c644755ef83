-- Grain: semester x school x grade x sex. As screening_myopia, of those six years old on the day of the check that decides.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_six', 'int_semester_counts', 'myopic_six', 'screened_six') }}

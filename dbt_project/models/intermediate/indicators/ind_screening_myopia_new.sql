-- Grain: semester x school x grade x sex. Screening myopia now, of those seen in both years who were free of it a year before.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_new', 'int_vision_year_counts', 'myopic_new', 'myopic_new_of') }}

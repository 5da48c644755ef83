-- Grain: semester x school x grade x sex. Screening myopia now, of those seen in both years.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_same_now', 'int_vision_year_counts', 'myopic_now', 'myopic_of') }}

-- Grain: semester x school x grade x sex. Screening myopia a year before, of those seen in both years.
{{ config(materialized='view') }}
{{ counted_indicator('screening_myopia_same_before', 'int_vision_year_counts', 'myopic_before', 'myopic_of') }}

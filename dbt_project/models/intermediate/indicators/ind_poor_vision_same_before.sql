-- Grain: semester x school x grade x sex. Poor vision a year before, of those seen in both years.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_same_before', 'int_vision_year_counts', 'poor_before', 'poor_of') }}

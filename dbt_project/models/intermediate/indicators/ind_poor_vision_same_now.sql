-- Grain: semester x school x grade x sex. Poor vision now, of those seen in both years.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_same_now', 'int_vision_year_counts', 'poor_now', 'poor_of') }}

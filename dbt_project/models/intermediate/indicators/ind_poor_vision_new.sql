-- Grain: semester x school x grade x sex. Poor vision now, of those seen in both years who were free of it a year before.
{{ config(materialized='view') }}
{{ counted_indicator('poor_vision_new', 'int_vision_year_counts', 'poor_new', 'poor_new_of') }}

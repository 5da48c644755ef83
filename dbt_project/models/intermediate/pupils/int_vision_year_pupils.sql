-- Grain: semester x pupil with an outcome now and a year before: what the pupil adds to each count of
-- int_vision_year_counts. Read by the trace of a figure only.
{{ config(materialized='view', meta={'counts': 'int_vision_year_counts', 'years_back': 1}) }}
{{ vision_year_counts(by_pupil=true) }}

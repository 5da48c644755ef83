-- Grain: school year x school x grade x sex. A decayed, missing or filled tooth among those counted.
{{ config(materialized='view') }}
{{ counted_indicator('exam_caries', 'int_exam_counts', 'with_caries', 'teeth_seen') }}

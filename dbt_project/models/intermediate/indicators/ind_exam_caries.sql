-- Grain: school year x school x grade x sex. A decayed, missing or filled tooth among those counted.
{{ config(materialized='view') }}
{{ exam_indicator('exam_caries', 'with_caries', 'teeth_seen') }}

-- Grain: indicator x school year x school x grade x sex. The examination: taking part, health files, classes of WS/T 586 and 456,
-- caries, spine, blood pressure measured. Classes of health by age are not the bands of the fitness standard by grade.
{% set family = {
    'exam_coverage': ['int_year_counts', 'examined', 'pupils'],
    'health_file': ['int_year_counts', 'with_file', 'pupils'],
    'exam_overweight': ['int_exam_counts', 'overweight', 'weighed'],
    'exam_obesity': ['int_exam_counts', 'obese', 'weighed'],
    'exam_thinness': ['int_exam_counts', 'thin', 'weighed'],
    'exam_stunting': ['int_exam_counts', 'stunted', 'measured'],
    'exam_caries': ['int_exam_counts', 'with_caries', 'teeth_seen'],
    'exam_spine': ['int_exam_counts', 'spine_bent', 'spine_seen'],
    'exam_blood_pressure': ['int_exam_counts', 'with_pressure', 'examined']
} %}
{{ config(materialized='view', meta={'indicators': family.keys() | list, 'counted': family}) }}
{{ counted_family(family) }}

-- Grain: period x school, grade and class, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_class_rows'), ref('int_class_repeated'), ['period', 'school', 'grade', 'class_no'],
    value_columns('class_roster', ['school', 'grade', 'class_no'])
) }}

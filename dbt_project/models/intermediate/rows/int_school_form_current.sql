-- Grain: school year x school, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_school_form_rows'), ref('int_school_form_repeated'), ['period', 'school'], value_columns('school_form', ['school'])) }}

-- Grain: a counting row whose school have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_school_form_rows'), ['period', 'school']) }}

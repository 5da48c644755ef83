-- Grain: school year x county, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_county_form_rows'), ref('int_county_form_repeated'), ['period', 'county'], value_columns('county_form', ['county'])) }}

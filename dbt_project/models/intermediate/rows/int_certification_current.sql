-- Grain: school year x county, level and day, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_certification_rows'), ref('int_certification_repeated'), ['period', 'county', 'level', 'decided_on'], value_columns('county_certification', ['county', 'level', 'decided_on'])) }}

-- Grain: a counting row whose county, level and day have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_certification_rows'), ['period', 'county', 'level', 'decided_on']) }}

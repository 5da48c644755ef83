-- Grain: a counting row whose county have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_county_form_rows'), ['period', 'county']) }}

-- Grain: a counting row whose commitment or item, area or school and document have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_evidence_rows'), ['period', 'evidence_key']) }}

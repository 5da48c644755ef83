-- Grain: school year x commitment or item, area or school and document, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_evidence_rows'), ref('int_evidence_repeated'), ['period', 'evidence_key'], value_columns('commitment_evidence', [])) }}

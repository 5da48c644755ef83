-- Grain: a delivered row; drop_reason says why it does not count.
{{ config(materialized='view') }}
select
    r.*,
    coalesce(r.commitment, '') || '|'
    || coalesce(r.indicator, '') || '|'
    || coalesce(r.county, '') || '|'
    || coalesce(r.school, '') || '|'
    || coalesce(r.document_no, '') || '|'
    || coalesce(r.title, '') as evidence_key,
    {{ drop_reason('commitment_evidence', 'r', none) }} as drop_reason
from {{ ref('stg_commitment_evidence') }} as r
{{ join_verdicts('commitment_evidence', 'r') }}

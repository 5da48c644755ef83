-- Grain: a delivered row; drop_reason says why it does not count. A level (级) and a ratio of one measure are two figures.
{{ config(materialized='view') }}
select
    r.*,
    coalesce(r.county, '') || '|'
    || coalesce(r.school, '') || '|'
    || coalesce(r.indicator, '') || '|'
    || coalesce(r.commitment, '') || '|'
    || coalesce(r.stage, '') || '|'
    || coalesce(r.group_name, '') || '|'
    || coalesce(r.measured_period, '')
    || case when r.unit like '%级%' then '|级' else '' end as measure_key,
    {{ drop_reason('reported_measure', 'r', none) }} as drop_reason
from {{ ref('stg_reported_measure') }} as r
{{ join_verdicts('reported_measure', 'r') }}

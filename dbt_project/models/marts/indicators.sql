-- Grain: indicator. The catalogue.
select * from {{ ref('indicators_seed') }}

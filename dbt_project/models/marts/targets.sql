-- Grain: target: a threshold with its source, jurisdiction and dates.
select
    target_id,
    indicator,
    stage,
    level,
    jurisdiction,
    operator,
    cast(value as double) as value,
    threshold_source,
    commitment,
    source_file,
    clause,
    quote_zh,
    valid_from,
    valid_to
from {{ ref('targets_seed') }}

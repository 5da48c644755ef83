-- What is this: catalogue rows with an unknown word for period, judgement or polarity, or a coverage duty without a feed.
-- When does it matter: the roll-up reads these words; an unknown one silently drops an indicator or its status.
-- How to resolve it: correct the row in seeds/indicators_seed.csv.
select code
from {{ ref('indicators_seed') }}
where
    period_type not in ('semester', 'year')
    or judgement not in ('exact', 'interval')
    or polarity not in ('higher', 'lower')
    or (coverage_duty and reporting_feeds is null)
    or levels is null
    or stages is null
    or source_clause is null

-- Grain: indicator. The catalogue, and the dated parameters of each rule in words.
select
    i.*,
    p.parameters
from {{ ref('indicators_seed') }} as i
left join {{ ref('int_indicator_parameters') }} as p on i.code = p.indicator

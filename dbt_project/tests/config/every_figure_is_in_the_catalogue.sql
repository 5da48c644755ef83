-- What is this: figures whose indicator has no catalogue row, and catalogue rows that no model yields.
-- When does it matter: without a catalogue row there is no unit, judgement or page; without a model the page stays empty for good.
-- How to resolve it: add the seed row, or the model (a family of indicators names its codes in meta) to int_indicator_counts.
{% set modelled = [] %}
{% for node in graph.nodes.values() if execute and node.resource_type == 'model' and node.name.startswith('ind_') %}
{% do modelled.extend(node.config.meta.get('indicators', [node.name[4:]])) %}
{% endfor %}
select code
from {{ ref('indicators_seed') }}
where code not in ('{{ modelled | join("', '") }}')
union all
select distinct f.indicator as code
from {{ ref('int_figures_school') }} as f
left join {{ ref('indicators_seed') }} as i on f.indicator = i.code
where i.code is null
union all
select distinct n.indicator as code
from {{ ref('int_county_counts') }} as n
left join {{ ref('indicators_seed') }} as i on n.indicator = i.code
where i.code is null

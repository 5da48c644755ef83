-- Grain: indicator x semester x school x grade x sex. Poor vision and screening myopia by round, on all pupils of a round and
-- on those of both; on the pupils of two years, before, now and newly; ortho-K wearers; myopia of the six-year-olds.
{% set family = {
    'ortho_k': ['int_semester_counts', 'ortho_k', 'screened'],
    'screening_myopia_six': ['int_semester_counts', 'myopic_six', 'screened_six']
} %}
{% for outcome, counted in {'poor_vision': 'poor', 'screening_myopia': 'myopic'}.items() %}
{% for round in ['round1', 'round2'] %}
{% do family.update({
    outcome ~ '_' ~ round: ['int_semester_counts', counted ~ '_' ~ round, counted ~ '_' ~ round ~ '_of'],
    outcome ~ '_same_' ~ round: ['int_semester_counts', counted ~ '_both_' ~ round, counted ~ '_both_of']
}) %}
{% endfor %}
{% do family.update({
    outcome ~ '_same_before': ['int_vision_year_counts', counted ~ '_before', counted ~ '_of'],
    outcome ~ '_same_now': ['int_vision_year_counts', counted ~ '_now', counted ~ '_of'],
    outcome ~ '_new': ['int_vision_year_counts', counted ~ '_new', counted ~ '_new_of']
}) %}
{% endfor %}
{{ config(materialized='view', meta={'indicators': family.keys() | list}) }}
{% for code, (counts, numerator, denominator) in family.items() %}
{{ counted_indicator(code, counts, numerator, denominator) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

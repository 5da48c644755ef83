-- Grain: indicator x semester x school x grade x sex. Checks done, poor vision by class, screening myopia, ortho-K wearers and the
-- six-year-olds; poor vision and myopia by round, on all pupils of a round and on those of both; on the pupils of two years,
-- before, now and newly. Pupils who came during the semester are out of both sides of vision_two_checks.
{% set family = {
    'vision_two_checks': ['int_semester_counts', 'checked_enough', 'full_pupils'],
    'poor_vision': ['int_semester_counts', 'poor', 'classed'],
    'poor_vision_mild': ['int_semester_counts', 'mild', 'classed'],
    'poor_vision_moderate': ['int_semester_counts', 'moderate', 'classed'],
    'poor_vision_severe': ['int_semester_counts', 'severe', 'classed'],
    'screening_myopia': ['int_semester_counts', 'myopic', 'screened'],
    'screening_myopia_six': ['int_semester_counts', 'myopic_six', 'screened_six'],
    'ortho_k': ['int_semester_counts', 'ortho_k', 'screened']
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
{{ config(materialized='view', meta={'indicators': family.keys() | list, 'counted': family}) }}
{{ counted_family(family) }}

-- Grain: indicator x school year x school x grade x sex. The fitness standard: taking part, exemption, levels of the total, BMI bands
-- by grade, mean score of each item. Who has no total is neither passed nor failed.
{% set family = {
    'fitness_coverage': ['int_year_counts', 'tested', 'not_exempt'],
    'fitness_exempt': ['int_year_counts', 'exempt', 'pupils']
} %}
{% for level in ['pass', 'good', 'excellent'] %}
{% do family.update({'fitness_' ~ level: ['int_fitness_counts', 'reached_' ~ level, 'judged']}) %}
{% endfor %}
{% for band in ['normal', 'thin', 'overweight', 'obese'] %}
{% do family.update({'fitness_bmi_' ~ band: ['int_fitness_counts', 'bmi_' ~ band, 'weighed']}) %}
{% endfor %}
{% for item in fitness_items() %}
{% do family.update({'fitness_mean_' ~ item: ['int_fitness_counts', 'sum_' ~ item, 'with_' ~ item]}) %}
{% endfor %}
{{ config(materialized='view', meta={'indicators': family.keys() | list, 'counted': family}) }}
{{ counted_family(family) }}

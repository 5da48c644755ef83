-- Grain: school year in which any feed has a row.
{% set feeds = [
    'school_register', 'student_roster', 'class_roster', 'vision_check', 'physical_exam', 'fitness_test',
    'film_screening', 'food_inspection', 'kitchen_register'
] %}
{% for feed in feeds %}
select distinct school_year from {{ ref('stg_' ~ feed) }} where school_year is not null
{{ 'union' if not loop.last }}
{% endfor %}

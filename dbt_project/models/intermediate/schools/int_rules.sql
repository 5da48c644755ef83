-- Grain: calendar period. The dated rule parameters in force on its reference date, as integers.
{% set assessment = [
    'point_pupils_least', 'visiting_pupils_least', 'visiting_pupils_most',
    'classes_per_room', 'school_pupils_most', 'through_school_pupils_most',
    'small_school_pupils', 'resource_items_least', 'resource_shortfall_e2',
    'near_line_e2', 'survey_answers_least', 'survey_residents_e5', 'survey_parents_e2'
] %}
{% set promised = [
    'class_most_primary', 'class_most_junior', 'class_large_least', 'class_huge_least',
    'doctor_pupils_least', 'new_school_year', 'films_per_semester'
] %}
select
    c.period,
    c.school_year,
    c.roster_period,
    c.reference_date,
    c.full_from,
    max(case when p.parameter = 'good_va_e1' then cast(p.value as integer) end) as good_va,
    max(case when p.parameter = 'mild_va_e1' then cast(p.value as integer) end) as mild_va,
    max(case when p.parameter = 'moderate_va_e1' then cast(p.value as integer) end) as moderate_va,
    max(case when p.parameter = 'minimum_age_years' then cast(p.value as integer) end) as minimum_age,
    max(case when p.parameter = 'checks_per_semester' then cast(p.value as integer) end) as checks_wanted,
    {%- for level in ['pass', 'good', 'excellent'] %}
    max(case when p.parameter = 'fitness_{{ level }}_e1' then cast(p.value as integer) end) as fitness_{{ level }},
    {%- endfor %}
    max(case when p.parameter = 'fitness_bonus_most' then cast(p.value as integer) end) as fitness_bonus_most,
    {%- for name in assessment + promised %}
    max(case when p.parameter = '{{ name }}' then cast(p.value as integer) end) as {{ name }},
    {%- endfor %}
    -- positive when 2S + C < limit: the bound doubled, one more when the rule says "at or beyond"
    max(case when p.parameter = 'myopia_se_bound_e2' then cast(p.value as integer) end) * 2
    + max(case when p.parameter = 'myopia_operator' and p.value = '<=' then 1 else 0 end) as myopia_limit
from {{ ref('calendar') }} as c
left join {{ ref('rule_parameters') }} as p
    on c.reference_date >= p.valid_from and c.reference_date <= p.valid_to
group by c.period, c.school_year, c.roster_period, c.reference_date, c.full_from

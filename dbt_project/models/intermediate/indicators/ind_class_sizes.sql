-- Grain: semester x school x stage x grade. Classes above 55, above 65, within the size of their stage, and within it at schools
-- opened since the rule for new schools, of all such classes. "56 and more" is "above 55".
{{ config(materialized='view', meta={
    'indicators': ['classes_over_55', 'classes_over_65', 'classes_within_norm', 'new_school_classes']
}) }}
{% set within = "c.pupils <= case g.stage when 'primary' then u.class_most_primary else u.class_most_junior end" %}
{% set is_new = 'extract(year from s.opened_on) >= u.new_school_year' %}
{% set items = [
    ['classes_over_55', 'c.pupils >= u.class_large_least', '1 = 1'],
    ['classes_over_65', 'c.pupils >= u.class_huge_least', '1 = 1'],
    ['classes_within_norm', within, "g.stage in ('primary', 'junior')"],
    ['new_school_classes', within, "g.stage in ('primary', 'junior') and " ~ is_new]
] %}
{% for code, counts, among in items %}
select
    '{{ code }}' as indicator,
    c.period,
    c.school,
    g.stage,
    c.grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(sum(case when {{ counts }} then 1 else 0 end) as bigint) as numerator,
    cast(count(*) as bigint) as denominator,
    true as reported
from {{ ref('int_class_current') }} as c
inner join {{ ref('grades') }} as g on c.grade = g.grade
inner join {{ ref('int_rules') }} as u on c.period = u.period
inner join {{ ref('int_schools') }} as s on c.school = s.school and substr(c.period, 1, 9) = s.school_year
where c.pupils > 0 and {{ among }}
group by c.period, c.school, g.stage, c.grade
{% if not loop.last %}union all{% endif %}
{% endfor %}

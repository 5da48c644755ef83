-- Grain: school year x school. What a school form says of doctors, health rooms, the size of new schools and spending. A doctor is
-- due at every boarding school and from the number of pupils on that the rule names (it is included). Where the pupils of a stage that
-- the school's type has are blank, the rest is less than the whole: what hangs on the whole is then not reported.
{{ config(materialized='view', meta={'indicators': [
    'school_doctor', 'health_staff', 'health_room', 'new_school_size', 'new_through_school_size', 'spending_per_pupil'
]}) }}
{% set due = 'coalesce(s.boarding, false) or f.pupils >= u.doctor_pupils_least or f.pupils_unknown' %}
{% set is_new = 'coalesce(extract(year from s.opened_on), f.founded_year) >= u.new_school_year' %}
{% set doctor = 'case when f.doctors is not null then case when f.doctors > 0 then 1 else 0 end end' %}
{% set doctor_due = 'case when coalesce(s.boarding, false) or f.pupils >= u.doctor_pupils_least then ' ~ doctor ~ ' end' %}
{% set room = 'case when f.health_rooms is not null then case when f.health_rooms > 0 then 1 else 0 end end' %}
{% set items = [
    ['school_doctor', doctor_due, '1', '(' ~ due ~ ')'],
    ['health_staff', doctor, '1', '1 = 1'],
    ['health_room', room, '1', '1 = 1'],
    ['new_school_size', 'case when f.compulsory_pupils > u.school_pupils_most then 0 when not f.compulsory_unknown then 1 end', '1',
        "s.school_type not in ('312', '345') and " ~ is_new],
    ['new_through_school_size',
        'case when f.compulsory_pupils > u.through_school_pupils_most then 0 when not f.compulsory_unknown then 1 end', '1',
        "s.school_type in ('312', '345') and " ~ is_new],
    ['spending_per_pupil', 'case when not f.pupils_unknown then f.spending_yuan end', 'f.pupils', '1 = 1']
] %}
with forms as (
    select
        f.period,
        f.school,
        f.founded_year,
        f.doctors,
        f.health_rooms,
        f.spending_yuan,
        coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) as compulsory_pupils,
        coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) + coalesce(f.pupils_senior, 0) as pupils,
        coalesce(t.lowest_grade < 6 and f.pupils_primary is null, false)
        or coalesce(t.lowest_grade < 10 and t.highest_grade > 6 and f.pupils_junior is null, false) as compulsory_unknown,
        coalesce(t.lowest_grade < 6 and f.pupils_primary is null, false)
        or coalesce(t.lowest_grade < 10 and t.highest_grade > 6 and f.pupils_junior is null, false)
        or coalesce(t.highest_grade > 9 and f.pupils_senior is null, false) as pupils_unknown
    from {{ ref('int_school_form_current') }} as f
    inner join {{ ref('int_schools') }} as s on f.school = s.school and f.period = s.school_year
    left join {{ ref('school_types') }} as t on s.school_type = t.school_type
),

counted as (
    {% for code, numerator, denominator, among in items %}
    select
        '{{ code }}' as indicator,
        f.period,
        f.school,
        s.stage,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator
    from forms as f
    inner join {{ ref('int_schools') }} as s on f.school = s.school and f.period = s.school_year
    inner join {{ ref('int_rules') }} as u on f.period = u.period
    where f.pupils > 0 and {{ among }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    coalesce(numerator, 0) as numerator,
    denominator,
    numerator is not null as reported
from counted
where stage is not null and denominator > 0

-- Grain: school year x school of the compulsory stages with a school form: the form beside what the register and the rules of the
-- year say, the reason why the school is not assessed, and the stage under which figures of the school itself stand. A stage that
-- the register's type has, or of which the form tells classes, teachers or entrants, is there: blank pupils make it unknown, not empty.
{% set told = ['classes', 'largest_class', 'qualified', 'backbone', 'pe_teachers', 'music_teachers', 'art_teachers', 'entry'] %}
{% set taught = {'primary': 't.lowest_grade < 6', 'junior': 't.lowest_grade < 10 and t.highest_grade > 6'} %}
with parameters as (
    select
        school_year,
        point_pupils_least,
        visiting_pupils_least,
        visiting_pupils_most
    from {{ ref('int_rules') }}
    where period = school_year
),

forms as (
    select
        f.*,
        {%- for stage, by_type in taught.items() %}
        f.pupils_{{ stage }} is null
        and (
            coalesce({{ by_type }}, false)
            {%- for column in told %}
            or coalesce(f.{{ column }}_{{ stage }}, 0) > 0
            {%- endfor %}
        ) as {{ stage }}_unknown,
        {%- endfor %}
        f.pupils_senior is null and coalesce(t.highest_grade > 9, false) as senior_unknown,
        coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) as compulsory_pupils,
        s.county,
        s.residence,
        s.school_type,
        s.boarding,
        s.owner_type as owner
    from {{ ref('int_school_form_current') }} as f
    inner join {{ ref('int_schools') }} as s on f.school = s.school and f.period = s.school_year
    left join {{ ref('school_types') }} as t on s.school_type = t.school_type
)

select
    f.*,
    case
        when coalesce(f.pupils_junior, 0) = 0 and not f.junior_unknown then 'primary'
        when coalesce(f.pupils_primary, 0) = 0 and not f.primary_unknown then 'junior'
        else 'compulsory'
    end as form_stage,
    case
        when f.school_type like '51%' then 'special_school'
        when f.school_type like '36%' then 'vocational_school'
        when
            f.school_type = '218' and f.compulsory_pupils < u.point_pupils_least
            and not f.primary_unknown and not f.junior_unknown
            then 'small_teaching_point'
    end as excluded_reason,
    -- visiting teachers of PE and arts count at small rural schools, at the lower stage they have
    case
        when f.residence = 'rural' and (f.primary_unknown or f.junior_unknown) then null
        when f.residence = 'rural' and f.compulsory_pupils between u.visiting_pupils_least and u.visiting_pupils_most
            then coalesce(f.visiting_teachers, 0)
        else 0
    end as visiting,
    coalesce(f.boarding, false) as boards,
    coalesce(f.owner, '') as owner_type
from forms as f
inner join parameters as u on f.period = u.school_year
where f.compulsory_pupils > 0

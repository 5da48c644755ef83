-- Grain: school year x school of the compulsory stages with a school form: the form beside what the register and the rules of the
-- year say, the reason why the school is not assessed, and the stage under which figures of the school itself stand.
with parameters as (
    select
        school_year,
        point_pupils_least,
        visiting_pupils_least,
        visiting_pupils_most
    from {{ ref('int_rules') }}
    where period = school_year
)

select
    f.*,
    s.county,
    s.residence,
    s.school_type,
    coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) as compulsory_pupils,
    case
        when coalesce(f.pupils_junior, 0) = 0 then 'primary'
        when coalesce(f.pupils_primary, 0) = 0 then 'junior'
        else 'compulsory'
    end as form_stage,
    case
        when s.school_type like '51%' then 'special_school'
        when s.school_type like '36%' then 'vocational_school'
        when s.school_type = '218' and coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) < u.point_pupils_least
            then 'small_teaching_point'
    end as excluded_reason,
    -- visiting teachers of PE and arts count at small rural schools, at the lower stage they have
    case
        when
            s.residence = 'rural'
            and coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0)
            between u.visiting_pupils_least and u.visiting_pupils_most
            then coalesce(f.visiting_teachers, 0)
        else 0
    end as visiting,
    coalesce(s.boarding, false) as boards,
    coalesce(s.owner_type, '') as owner_type
from {{ ref('int_school_form_current') }} as f
inner join {{ ref('int_schools') }} as s on f.school = s.school and f.period = s.school_year
inner join parameters as u on f.period = u.school_year
where coalesce(f.pupils_primary, 0) + coalesce(f.pupils_junior, 0) > 0

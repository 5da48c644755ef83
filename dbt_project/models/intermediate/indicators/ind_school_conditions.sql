-- Grain: school year x school x stage. The items of the assessment that are counted from school forms: numerator of denominator.
-- A school with pupils has teachers, classes and a budget: 0 of them is no answer. Nobody may be due for training (G9), enter (G13)
-- or have left (Q1).
{{ config(materialized='view', meta={'indicators': ['G3', 'G4', 'G5', 'G6', 'G9', 'G12', 'G13', 'Q1', 'Q1_B', 'Q4']}) }}
{% set as_school = 'f.form_stage' %}
{% set enough_rooms %}
f.music_rooms >= {{ rooms_needed('coalesce(f.classes_primary, 0) + coalesce(f.classes_junior, 0)', 'u.classes_per_room') }}
            and f.art_rooms >= {{ rooms_needed('coalesce(f.classes_primary, 0) + coalesce(f.classes_junior, 0)', 'u.classes_per_room') }}
{% endset %}
{% set cap = "case when f.school_type in ('312', '345') then u.through_school_pupils_most else u.school_pupils_most end" %}
{% set zoned = "f.residence in ('urban', 'town') and not f.boards and f.owner_type not like '%民办%'" %}
{% set small = "f.residence = 'rural' and coalesce(f.pupils_junior, 0) = 0 and not f.junior_unknown and f.pupils_primary < u.small_school_pupils" %}
{% set funded = 'f.approved_fund_e2 >= u.small_school_pupils * c.fund_primary_e2' %}
{% set has_primary = '(f.pupils_primary > 0 or f.primary_unknown)' %}
{% set has_junior = '(f.pupils_junior > 0 or f.junior_unknown)' %}
{% set items = [
    ['G3', as_school, 'case when f.music_rooms is null or f.art_rooms is null or (f.classes_primary is null and ' ~ has_primary ~ ') or (f.classes_junior is null and ' ~ has_junior ~ ') then null when ' ~ enough_rooms ~ ' then 1 else 0 end', '1', '1 = 1'],
    ['G4', as_school, 'case when f.compulsory_pupils > ' ~ cap ~ ' then 0 when f.primary_unknown or f.junior_unknown then null else 1 end', '1', '1 = 1'],
    ['G5', "'primary'", 'f.classes_primary - f.classes_over_45', 'nullif(f.classes_primary, 0)', has_primary],
    ['G5', "'junior'", 'f.classes_junior - f.classes_over_50', 'nullif(f.classes_junior, 0)', has_junior],
    ['G9', as_school, 'f.training_done', 'f.training_due', '1 = 1'],
    ['G12', as_school, 'f.certified_teachers', 'nullif(f.teachers, 0)', '1 = 1'],
    ['G13', "'primary'", 'f.zoned_primary', 'f.entry_primary', has_primary ~ ' and ' ~ zoned],
    ['G13', "'junior'", 'f.zoned_junior', 'f.entry_junior', has_junior ~ ' and ' ~ zoned],
    ['Q1', "'junior'", 'f.graduates - f.cohort_in + f.cohort_out', 'f.cohort_start - f.cohort_died', has_junior],
    ['Q1_B', "'junior'", 'f.graduates', 'f.cohort_start + f.cohort_in - f.cohort_died - f.cohort_out', has_junior],
    ['Q4', as_school, 'f.training_fund_yuan', 'nullif(f.budget_yuan, 0)', '1 = 1']
] %}
with counted as (
    {% for code, stage, numerator, denominator, condition in items %}
    select
        '{{ code }}' as indicator,
        f.period,
        f.school,
        {{ stage }} as stage,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator
    from {{ ref('int_school_forms') }} as f
    inner join {{ ref('int_rules') }} as u on f.period = u.period
    where f.excluded_reason is null and {{ condition }}
    union all
    {% endfor %}
    select
        'G6' as indicator,
        f.period,
        f.school,
        'primary' as stage,
        cast(
            case
                when f.approved_fund_e2 is null or c.fund_primary_e2 is null then null
                when {{ funded }} then 1
                else 0
            end as bigint
        ) as numerator,
        cast(1 as bigint) as denominator
    from {{ ref('int_school_forms') }} as f
    inner join {{ ref('int_rules') }} as u on f.period = u.period
    left join {{ ref('int_county_form_current') }} as c on f.period = c.period and f.county = c.county
    where
        coalesce(f.excluded_reason, '') <> 'special_school'
        and (f.school_type = '218' or {{ small }})
)

select
    indicator,
    period,
    school,
    stage,
    cast(null as integer) as grade,
    cast(null as {{ dbt.type_string() }}) as sex,
    coalesce(case when denominator is not null then numerator end, 0) as numerator,
    -- a blank leaves a row of its own, or the county would be judged by those who filled it in
    coalesce(denominator, 1) as denominator,
    numerator is not null and denominator is not null as reported
from counted
where coalesce(denominator, 1) > 0

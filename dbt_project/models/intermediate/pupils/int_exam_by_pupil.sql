-- Grain: school year x pupil examined at least once; a row that says the examination was not done does not count. Of several
-- examinations the last that tells decides, each result by itself. Birth is the roster's, sex the sheet's, else the roster's.
-- A result is null where nothing was measured, or where the age or sex it needs is unknown or outside the tables.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['physical_exam']}
) }}
with judged as (
    select
        e.period,
        e.pupil,
        e.check_key,
        {{ exam_results('e') }}
    from {{ ref('int_exam_current') }} as e
    {{ join_exam_classes('e') }}
    where coalesce(e.examined, true) and {{ touched('e.period') }}
)

select
    period,
    pupil,
    {{ latest_value('bmi_class', 'check_key') }} as bmi_class,
    {{ latest_value('stunted', 'check_key') }} as stunted,
    {{ latest_value('caries', 'check_key') }} as caries,
    {{ latest_value('spine_bent', 'check_key') }} as spine_bent,
    {{ latest_value('pressure_measured', 'check_key') }} as pressure_measured
from judged
group by period, pupil

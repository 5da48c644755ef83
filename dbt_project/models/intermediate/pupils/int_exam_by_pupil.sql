-- Grain: school year x pupil examined at least once; a row that says the examination was not done does not count.
{{ config(
    materialized='incremental', incremental_strategy='by_period',
    meta={'touched_by': ['physical_exam']}
) }}
select distinct
    period,
    pupil
from {{ ref('int_exam_current') }}
where coalesce(examined, true) and {{ touched() }}

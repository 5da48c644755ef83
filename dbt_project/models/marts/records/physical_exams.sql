-- Grain: a delivered row of physical examinations that was not refused; is_current is false when later rows overwrote all of it.
-- The results are those of the row alone: exam_age in half years, the exam_ classes by age and not by the bands of the fitness
-- standard; null where the row does not tell. Inner zone: read by `query --records` only. pupil is a keyed token.
with judged as (
    select
        r.*,
        {{ half_years('p.born', 'r.check_key') }} as age_half_years,
        {{ exam_results('r') }}
    from {{ ref('int_exam_rows') }} as r
    {{ join_exam_classes('r') }}
)

{{ record_table('physical_exam', 'judged', pupil=true, more=[
    'cast(r.age_half_years as double) / 2 as exam_age',
    'case when r.weight_g > 0 and r.height_mm > 0 then cast(' ~ bmi_e1('r.weight_g', 'r.height_mm') ~ ' as double) / 10 end as exam_bmi',
    'r.bmi_class as exam_bmi_class',
    'r.stunted',
    'r.caries',
    'r.spine_bent'
]) }}

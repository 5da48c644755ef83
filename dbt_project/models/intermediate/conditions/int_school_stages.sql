-- Grain: school year x school x stage (primary, junior) that has pupils, or left them blank: the stocks behind the resource indicators. Areas in
-- 1/100 m2, equipment in yuan, rooms x 10000. Teachers are counted where they teach; area, equipment and rooms of a school with
-- several stages are split by weighted pupils; while the pupils of one of them are unknown, so is every part of the split.
with weights as (
    select
        max(case when stage = 'primary' then weight end) as primary_weight,
        max(case when stage = 'junior' then weight end) as junior_weight,
        max(case when stage = 'senior' then weight end) as senior_weight
    from {{ ref('stage_weights') }}
),

forms as (
    select
        f.*,
        coalesce(f.pupils_primary, 0) * w.primary_weight as primary_weighted,
        coalesce(f.pupils_junior, 0) * w.junior_weight as junior_weighted,
        coalesce(f.pupils_senior, 0) * w.senior_weight as senior_weighted,
        coalesce(f.pupils_primary, 0) * w.primary_weight
        + coalesce(f.pupils_junior, 0) * w.junior_weight
        + coalesce(f.pupils_senior, 0) * w.senior_weight as weighted,
        f.primary_unknown or f.junior_unknown or f.senior_unknown as split_unknown,
        coalesce(f.gym_area_e2, 0) + f.ground_area_e2 as sports_area_e2,
        f.media_rooms * 10000 as media_rooms_e4
    from {{ ref('int_school_forms') }} as f
    cross join weights as w
)

{% for stage in ['primary', 'junior'] %}
select
    period,
    school,
    county,
    '{{ stage }}' as stage,
    excluded_reason,
    cast(pupils_{{ stage }} as bigint) as pupils,
    case when pupils_{{ stage }} > 0 then cast(qualified_{{ stage }} as bigint) end as qualified,
    case when pupils_{{ stage }} > 0 then cast(backbone_{{ stage }} as bigint) end as backbone,
    case when pupils_{{ stage }} > 0 then cast(
        pe_teachers_{{ stage }} + music_teachers_{{ stage }} + art_teachers_{{ stage }}
        {% if stage == 'primary' %}
        + visiting
        {% else %}
        + case when coalesce(pupils_primary, 0) = 0 then visiting else 0 end
        {% endif %} as bigint
    ) end as arts,
    case when split_unknown then null else cast({{ stage_share('floor_area_e2', stage) }} as bigint) end as floor_area,
    case when split_unknown then null else cast({{ stage_share('sports_area_e2', stage) }} as bigint) end as sports_area,
    case when split_unknown then null else cast({{ stage_share('equipment_yuan', stage) }} as bigint) end as equipment,
    case when split_unknown then null else cast({{ stage_share('media_rooms_e4', stage) }} as bigint) end as media_rooms
from forms
where pupils_{{ stage }} > 0 or {{ stage }}_unknown
{% if not loop.last %}union all{% endif %}
{% endfor %}

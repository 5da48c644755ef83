-- Grain: a delivered row of fitness tests that was not refused: raw values, the score of each, and what came of the pupil's test.
-- is_current is false when later rows overwrote all of it. A pupil's result stands once: where several rows make one test, on the
-- last of them, from the values in force; the others say `corrected` or `replaced`. Inner zone: read by `query --records` only.
-- pupil is a keyed token.
with {{ fitness_scored(ref('int_fitness_rows'), "coalesce(r.drop_reason, 'replaced') = 'replaced'") }},

-- rows of pupils who have several; the last one carries what holds after all corrections
numbered as (
    select
        period,
        pupil,
        delivery_id,
        part,
        row_number,
        nth = max(nth) over (partition by period, pupil) as is_last
    from {{ ref('int_fitness_repeated') }}
),

corrected as (
    select
        n.period,
        n.delivery_id,
        n.part,
        n.row_number,
        n.is_last,
        case when n.is_last then b.status else 'corrected' end as status,
        case when n.is_last then b.standard_e2 end as standard_e2,
        case when n.is_last then b.bonus end as bonus,
        case when n.is_last then b.total_e1 end as total_e1
    from numbered as n
    left join {{ ref('int_fitness_by_pupil') }} as b on n.period = b.period and n.pupil = b.pupil
),

resulting as (
    select
        s.*,
        case
            when s.drop_reason is not null then s.drop_reason
            when c.status is not null then c.status
            else {{ fitness_status('s') }}
        end as status,
        c.row_number is not null as is_one_of_several,
        c.standard_e2,
        c.bonus as corrected_bonus,
        c.total_e1 as corrected_total
    from scored as s
    left join corrected as c
        on s.period = c.period and s.delivery_id = c.delivery_id and s.part = c.part and s.row_number = c.row_number
),

judged as (
    select
        *,
        case when is_one_of_several then standard_e2 when status in ('complete', 'partial') then points_e2 end as judged_e2,
        case when is_one_of_several then corrected_bonus when status in ('complete', 'partial') then points_bonus end as bonus,
        case
            when is_one_of_several then corrected_total
            when status in ('complete', 'partial') then {{ fitness_total_e1('points_e2', 'points_bonus') }}
        end as total_e1
    from resulting
),

levelled as (
    select
        j.*,
        case when j.weight_g > 0 and j.height_mm > 0 then cast({{ bmi_e1('j.weight_g', 'j.height_mm') }} as double) / 10 end as bmi,
        cast(j.judged_e2 as double) / 100 as standard_score,
        cast(j.total_e1 as double) / 10 as total_score,
        case
            when {{ fitness_reaches('j.total_e1', 'u', 'excellent') }} then 'excellent'
            when {{ fitness_reaches('j.total_e1', 'u', 'good') }} then 'good'
            when {{ fitness_reaches('j.total_e1', 'u', 'pass') }} then 'pass'
            when j.total_e1 is not null then 'fail'
        end as level
    from judged as j
    left join {{ ref('int_rules') }} as u on j.period || '-1' = u.period
)

{% set scores = [] -%}
{% for item in fitness_items() %}{% do scores.append('r.score_' ~ item) %}{% endfor -%}
{{ record_table(
    'fitness_test', 'levelled', pupil=true,
    more=['r.judged_grade', 'r.judged_sex', 'r.bmi', 'r.bmi_class'] + scores
    + ['r.bonus', 'r.standard_score', 'r.total_score', 'r.level', 'r.status']
) }}

-- Grain: a delivered row of fitness tests that was not refused: raw values, the score of each, and what came of the pupil's test.
-- is_current is false when later rows overwrote all of it. A pupil's result stands once: where several rows make one test, on the
-- last of them, from the values in force; the others say `corrected` or `replaced`. Inner zone: read by `query --records` only.
-- pupil is a keyed token.
with tests as (
    select
        r.*,
        {{ fitness_judged_by('r', 'p') }}
    from {{ ref('int_fitness_rows') }} as r
    left join {{ ref('int_pupils') }} as p on r.period || '-1' = p.period and r.pupil = p.pupil
    where coalesce(r.drop_reason, 'replaced') = 'replaced'
),

reach as (
    {{ fitness_reach() }}
),

scored as (
    select
        t.*,
        {{ fitness_scores('t') }}
    from tests as t
    {{ join_fitness_points('t', 'reach') }}
),

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
)

select
    r.period,
    r.school,
    {{ token_hex('r.pupil') }} as pupil,
    {{ record_columns('fitness_test', 'r') }},
    r.judged_grade,
    r.judged_sex,
    case when r.weight_g > 0 and r.height_mm > 0 then cast({{ bmi_e1('r.weight_g', 'r.height_mm') }} as double) / 10 end as bmi,
    r.bmi_class,
    {%- for item in fitness_items() %}
    r.score_{{ item }},
    {%- endfor %}
    r.bonus,
    cast(r.judged_e2 as double) / 100 as standard_score,
    cast(r.total_e1 as double) / 10 as total_score,
    case
        when {{ fitness_reaches('r.total_e1', 'excellent') }} then 'excellent'
        when {{ fitness_reaches('r.total_e1', 'good') }} then 'good'
        when {{ fitness_reaches('r.total_e1', 'pass') }} then 'pass'
        when r.total_e1 is not null then 'fail'
    end as level,
    r.status,
    r.delivery_id,
    r.part,
    r.file_sha256,
    r.member,
    r.sheet,
    r.row_number,
    s.row_number is null as is_current
from judged as r
left join {{ ref('int_superseded_rows') }} as s
    on
        s.feed = 'fitness_test'
        and r.period = s.period
        and r.delivery_id = s.delivery_id
        and r.part = s.part
        and r.row_number = s.row_number

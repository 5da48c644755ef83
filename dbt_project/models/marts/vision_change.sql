-- Grain: outcome x span x basis x period x level x entity x stage: poor vision or screening myopia before and after, and the
-- change in share (0.01 is one percentage point). Basis same: pupils seen both times, one denominator. Basis all: whoever was
-- seen each time, two denominators. Span round: the two rounds of the semester; year: the same semester a year before.
{% set pairs = [
    ('round', 'all', '_round1', '_round2'), ('round', 'same', '_same_round1', '_same_round2'),
    ('year', 'all', '', ''), ('year', 'same', '_same_before', '_same_now')
] %}
with wanted as (
    {% for outcome in ['poor_vision', 'screening_myopia'] %}
    {% set outer_last = loop.last %}
    {% for span, basis, before, after in pairs %}
    select
        '{{ outcome }}' as outcome,
        '{{ span }}' as span,
        '{{ basis }}' as basis,
        '{{ outcome ~ before }}' as indicator_before,
        '{{ outcome ~ after }}' as indicator_after
    {% if not (loop.last and outer_last) %}union all{% endif %}
    {% endfor %}
    {% endfor %}
),

compared as (
    -- of a year only such as are judged by the same rules
    select
        'year' as span,
        c.period,
        b.period as period_before
    from {{ ref('calendar') }} as c
    inner join {{ ref('calendar') }} as b
        on c.semester = b.semester and extract(year from c.covers_from) = extract(year from b.covers_from) + 1
    inner join {{ ref('int_rules') }} as r on c.period = r.period
    inner join {{ ref('int_rules') }} as q
        on
            b.period = q.period
            and r.good_va = q.good_va
            and r.myopia_limit = q.myopia_limit
            and r.minimum_age = q.minimum_age
    union all
    select
        'round' as span,
        period,
        period as period_before
    from {{ ref('calendar') }}
    where semester is not null
),

figures as (
    select *
    from {{ ref('indicator_values') }}
    where subgroup = 'all' and (indicator like 'poor_vision%' or indicator like 'screening_myopia%')
)

select
    w.outcome,
    w.span,
    w.basis,
    a.period,
    a.level,
    a.entity,
    a.stage,
    b.numerator as before_numerator,
    b.denominator as before_denominator,
    a.numerator as after_numerator,
    a.denominator as after_denominator,
    a.value - b.value as change,
    b.figure_id as before_figure,
    a.figure_id as after_figure
from wanted as w
inner join compared as p on w.span = p.span
inner join figures as a on w.indicator_after = a.indicator and p.period = a.period
inner join figures as b
    on
        w.indicator_before = b.indicator
        and a.level = b.level
        and a.entity = b.entity
        and a.stage = b.stage
        -- the figures of the same pupils of two years both stand under the later one
        and case when w.basis = 'same' then p.period else p.period_before end = b.period

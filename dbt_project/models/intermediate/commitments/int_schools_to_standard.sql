-- Grain: school year x assessed school. Whether it reaches what 贵港2022 三(一)4 lists: floor area (L4), sports area (L5), multimedia
-- rooms (L7) in each of its stages, and music and art rooms (G3), by the national thresholds; null while one of them is blank.
{% set asked = ['L4', 'L5', 'L7'] %}
with thresholds as (
    select
        {%- for code in asked %}
        max(case when t.indicator = '{{ code }}' then cast(t.value * 1000000 as bigint) end) as least_{{ code }},
        {%- endfor %}
        c.period,
        t.stage
    from {{ ref('targets_seed') }} as t
    inner join {{ ref('calendar') }} as c
        on c.period_type = 'year' and t.valid_from <= c.reference_date and t.valid_to >= c.reference_date
    where t.jurisdiction = '000000' and t.indicator in ('{{ asked | join("', '") }}')
    group by c.period, t.stage
),

stages as (
    select
        {%- for code in asked %}
        {%- set column, scale, per = resources()[code] %}
        case
            when s.{{ column }} is null then null
            when {{ satisfies('s.' ~ column ~ ' * ' ~ per, 's.pupils * ' ~ scale, "'>='", 't.least_' ~ code) }} then 1
            else 0
        end as reached_{{ code }},
        {%- endfor %}
        s.period,
        s.school
    from {{ ref('int_school_stages') }} as s
    inner join thresholds as t on s.period = t.period and s.stage = t.stage
    where s.excluded_reason is null
),

reached as (
    select
        period,
        school,
        {%- for code in asked %}
        min(reached_{{ code }}) as reached_{{ code }},
        {%- endfor %}
        max(case when {% for code in asked %}reached_{{ code }} is null{{ ' or ' if not loop.last }}{% endfor %} then 1 else 0 end) as blank
    from stages
    group by period, school
)

select
    r.period,
    r.school,
    case
        when {% for code in asked %}r.reached_{{ code }} = 0 or {% endfor %}(g.reported and g.numerator = 0) then 0
        when r.blank = 0 and g.reported then 1
    end as to_standard
from reached as r
left join {{ ref('ind_school_conditions') }} as g
    on g.indicator = 'G3' and r.period = g.period and r.school = g.school

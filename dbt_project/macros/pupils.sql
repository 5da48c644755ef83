{#-
From a record's tokens to the pupil on the roster. The strongest token that finds somebody wins: 学籍号, then ID, then
学号 within the school, then 学号 alone when it is unique in the period. The common case (学籍号 on the roster) is one
join; the others are looked up only for records that need them, so their cost follows the need.
-#}

{#- CTEs `id_links`, `no_links`, `num_links`: token -> pupil, for the records of `relation` that 学籍号 does not find. -#}
{% macro pupil_links(relation, roster_period) -%}
unfound as (
    select distinct
        r.school_year,
        {{ roster_period }} as roster_period,
        r.pupil_id,
        r.pupil_no,
        r.pupil_num
    from {{ relation }} as r
    left join {{ ref('int_pupils') }} as p
        on {{ roster_period }} = p.period and r.pupil_xjh = p.pupil
    where p.pupil is null
),
{% for token in ['id', 'no'] %}
{{ token }}_candidates as (
    select
        w.roster_period,
        w.token,
        s.pupil,
        row_number() over (
            partition by w.roster_period, w.token
            order by case when s.period = w.roster_period then 0 else 1 end, {{ latest_first('s') }}
        ) as place
    from (
        select distinct school_year, roster_period, pupil_{{ token }} as token
        from unfound
        where pupil_{{ token }} is not null
    ) as w
    inner join {{ ref('int_roster_rows') }} as s
        on w.school_year = s.school_year and w.token = s.pupil_{{ token }} and s.drop_reason is null
    inner join {{ ref('int_pupils') }} as p
        on w.roster_period = p.period and s.pupil = p.pupil
),

{{ token }}_links as (
    select roster_period, token, pupil
    from {{ token }}_candidates
    where place = 1
),
{% endfor %}
num_links as (
    select
        w.roster_period,
        w.token,
        max(s.pupil) as pupil
    from (
        select distinct roster_period, pupil_num as token
        from unfound
        where pupil_num is not null
    ) as w
    inner join {{ ref('int_roster_rows') }} as s
        on w.roster_period = s.period and w.token = s.pupil_num and s.drop_reason is null
    group by w.roster_period, w.token
    having count(distinct s.pupil) = 1
)
{%- endmacro %}


{#- The joins that go with `pupil_links`. -#}
{% macro join_pupil_links(alias, roster_period) -%}
left join {{ ref('int_pupils') }} as by_xjh
    on {{ roster_period }} = by_xjh.period and {{ alias }}.pupil_xjh = by_xjh.pupil
left join id_links
    on {{ roster_period }} = id_links.roster_period and {{ alias }}.pupil_id = id_links.token
left join no_links
    on {{ roster_period }} = no_links.roster_period and {{ alias }}.pupil_no = no_links.token
left join num_links
    on {{ roster_period }} = num_links.roster_period and {{ alias }}.pupil_num = num_links.token
{%- endmacro %}


{#- The pupil found, null when the record's pupil is not on the roster of the period. -#}
{% macro linked_pupil() -%}
    coalesce(by_xjh.pupil, id_links.pupil, no_links.pupil, num_links.pupil)
{%- endmacro %}

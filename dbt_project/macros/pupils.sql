{#-
From a record's tokens to the pupil on the roster. The strongest token that finds somebody wins: 学籍号, then ID, then
学号 within the school, then 学号 alone when it is unique in the period. The common case (the strongest token given is the
pupil's own key on the roster) needs no look-up at all; a links model per feed resolves only the others, so the cost
follows the need.
-#}

{#- The strongest token a row gives. -#}
{% macro own_token(alias) -%}
    coalesce({{ alias }}.pupil_xjh, {{ alias }}.pupil_id, {{ alias }}.pupil_no, {{ alias }}.pupil_num)
{%- endmacro %}


{#-
Body of a links model. Grain: period x kind x token. kind own: the strongest token of a record, when it is nobody's key
on the roster; kind id, no, num: the pupil on the roster of that period whom this token of such a record finds.
-#}
{% macro pupil_links(feed, roster_period) -%}
with unfound as (
    select
        r.period,
        r.school_year,
        {{ roster_period }} as roster_period,
        {{ own_token('r') }} as own,
        r.pupil_id,
        r.pupil_no,
        r.pupil_num,
        count(*) as records
    from {{ ref('stg_' ~ feed) }} as r
    left join {{ ref('int_pupils') }} as p
        on {{ roster_period }} = p.period and {{ own_token('r') }} = p.pupil
    where p.pupil is null and {{ touched('r.period') }}
    group by r.period, r.school_year, {{ own_token('r') }}, r.pupil_id, r.pupil_no, r.pupil_num
),
{% for kind in ['id', 'no'] %}
{{ kind }}_candidates as (
    select
        w.period,
        w.token,
        s.pupil,
        row_number() over (
            partition by w.period, w.token
            order by case when s.period = w.roster_period then 0 else 1 end, {{ latest_first('s') }}
        ) as place
    from (
        select distinct period, school_year, roster_period, pupil_{{ kind }} as token
        from unfound
        where pupil_{{ kind }} is not null
    ) as w
    inner join {{ ref('int_roster_rows') }} as s
        on w.school_year = s.school_year and w.token = s.pupil_{{ kind }} and s.drop_reason is null
    inner join {{ ref('int_pupils') }} as p
        on w.roster_period = p.period and s.pupil = p.pupil
),
{% endfor %}
num_candidates as (
    select
        w.period,
        w.token,
        max(s.pupil) as pupil
    from (
        select distinct period, roster_period, pupil_num as token
        from unfound
        where pupil_num is not null
    ) as w
    inner join {{ ref('int_roster_rows') }} as s
        on w.roster_period = s.period and w.token = s.pupil_num and s.drop_reason is null
    group by w.period, w.token
    having count(distinct s.pupil) = 1
)

select period, 'own' as kind, own as token, null as pupil, cast(sum(records) as bigint) as records
from unfound
where own is not null
group by period, own
union all
select period, 'id' as kind, token, pupil, null as records from id_candidates where place = 1
union all
select period, 'no' as kind, token, pupil, null as records from no_candidates where place = 1
union all
select period, 'num' as kind, token, pupil, null as records from num_candidates
{%- endmacro %}


{#- The joins of a row to its feed's links. -#}
{% macro join_links(links, alias) -%}
left join {{ links }} as own_link
    on own_link.kind = 'own' and {{ alias }}.period = own_link.period and {{ own_token(alias) }} = own_link.token
{% for kind in ['id', 'no', 'num'] -%}
left join {{ links }} as {{ kind }}_link
    on
        {{ kind }}_link.kind = '{{ kind }}'
        and {{ alias }}.period = {{ kind }}_link.period
        and {{ alias }}.pupil_{{ kind }} = {{ kind }}_link.token
{% endfor %}
{%- endmacro %}


{#- The pupil of a row; a record of nobody on the roster keeps its own token and joins to nothing. -#}
{% macro linked_pupil(alias) -%}
    case
        when own_link.token is null then {{ own_token(alias) }}
        else coalesce(id_link.pupil, no_link.pupil, num_link.pupil, {{ own_token(alias) }})
    end
{%- endmacro %}


{#- Body of a pupil feed's rows model: every delivered row with its pupil, its key (where the row alone gives it) and why it does not count. -#}
{% macro pupil_rows(feed, links, record_date, check_key=none) -%}
select
    {{ feed_columns(feed, 'r') }},
    {{ linked_pupil('r') }} as pupil,
    {%- if check_key is not none %}
    {{ check_key }} as check_key,
    {%- endif %}
    {{ drop_reason(feed, 'r', record_date) }} as drop_reason
from {{ ref('stg_' ~ feed) }} as r
{{ join_links(links, 'r') }}
{#- A row without a school lies in the scope of the school that answers for its pupil. Pupils of other schools than those
    with a replaced scope are left out, so that this costs nothing where there is none. #}
left join (
    select
        p.period,
        p.pupil,
        p.school
    from {{ ref('int_pupils') }} as p
    inner join (select distinct school from {{ ref('int_replacing') }} where feed = '{{ feed }}') as x
        on p.school = x.school
) as rostered
    on
        r.school is null
        and {{ 'r.period' if feed == 'vision_check' else "r.period || '-1'" }} = rostered.period
        and {{ linked_pupil('r') }} = rostered.pupil
{{ join_verdicts(feed, 'r', 'coalesce(r.school, rostered.school)') }}
{%- endmacro %}

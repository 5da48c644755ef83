{#-
Body of a model of grain feed x school x period: the last delivery that replaces its whole scope. A replacing delivery
speaks for the schools of its rows; one without any row, for the school and period its context names. Where such a one has
no date (undated), the receipt alone says what it comes after; among other replacing deliveries it ranks by the latest date
of what had been received before it.
-#}
{% macro replacing(names) -%}
with scopes as (
    {% for feed in names %}
    select
        '{{ feed }}' as feed,
        school,
        period,
        delivery_id,
        max(version) as version,
        max(payload_date) as payload_date,
        max(receipt) as receipt,
        false as undated
    from {{ delivered_rows(feed) }}
    where replace_scope and school is not null
    group by school, period, delivery_id
    union all
    select
        e.feed,
        e.school,
        e.period,
        e.delivery_id,
        e.version,
        coalesce(
            e.payload_date, max(case when r.version = e.version then r.payload_date end), cast('1900-01-01' as date)
        ) as payload_date,
        e.receipt,
        e.payload_date is null as undated
    from {{ ref('stg_emptied_scopes') }} as e
    left join {{ delivered_rows(feed) }} as r
        on e.school = r.school and e.period = r.period and e.receipt > r.receipt
    where e.feed = '{{ feed }}'
    group by e.feed, e.school, e.period, e.delivery_id, e.version, e.payload_date, e.receipt
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (
    select
        scopes.*,
        row_number() over (
            partition by scopes.feed, scopes.school, scopes.period
            order by scopes.version desc, scopes.payload_date desc, scopes.receipt desc
        ) as place
    from scopes
)

select
    feed,
    school,
    period,
    delivery_id,
    version,
    payload_date,
    receipt,
    undated
from ranked
where place = 1
{%- endmacro %}

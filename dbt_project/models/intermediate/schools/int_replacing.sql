-- Grain: feed x school x period: the last delivery that replaces its whole scope. Rows of other deliveries that come before
-- it in the Later order are out of "current".
with scopes as (
    {% for feed in feeds() %}
    select
        '{{ feed }}' as feed,
        school,
        period,
        delivery_id,
        max(version) as version,
        max(payload_date) as payload_date,
        max(receipt) as receipt
    from {{ ref('stg_' ~ feed) }}
    where replace_scope
    group by school, period, delivery_id
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
    receipt
from ranked
where place = 1

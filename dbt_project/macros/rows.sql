{#- Pieces that every feed's row model shares: which rows count, and which of two rows is later. -#}

{#- Later rows first. The order is total and never looks at a token or a value. -#}
{% macro latest_first(alias) -%}
    {{ alias }}.version desc, {{ alias }}.payload_date desc, {{ alias }}.receipt desc, {{ alias }}.part desc, {{ alias }}.row_number desc
{%- endmacro %}


{#- Earlier rows first: the n-th row of a key overwrites the ones before it. -#}
{% macro earliest_first(alias) -%}
    {{ alias }}.version asc, {{ alias }}.payload_date asc, {{ alias }}.receipt asc, {{ alias }}.part asc, {{ alias }}.row_number asc
{%- endmacro %}


{#-
CTE `replacing`: per school and period the last delivery that replaces its whole scope. Rows of other deliveries that
come before it in the Later order are out of "current".
-#}
{% macro replacing_deliveries(relation) -%}
scopes as (
    select
        school,
        period,
        delivery_id,
        max(version) as version,
        max(payload_date) as payload_date,
        max(receipt) as receipt
    from {{ relation }}
    where replace_scope
    group by school, period, delivery_id
),

replacing as (
    select
        scopes.*,
        row_number() over (
            partition by school, period
            order by version desc, payload_date desc, receipt desc
        ) as place
    from scopes
)
{%- endmacro %}


{#- Joins a row to the replacing delivery of its scope (alias `replaced`) and to the register (alias `known`). -#}
{% macro join_verdicts(alias, school='school') -%}
left join replacing as replaced
    on
        replaced.place = 1
        and {{ alias }}.school = replaced.school
        and {{ alias }}.period = replaced.period
left join {{ ref('int_school_known') }} as known
    on {{ alias }}.{{ school }} = known.school
{%- endmacro %}


{#- Whether the row comes before the replacing delivery of its scope. -#}
{% macro is_replaced(alias) -%}
    replaced.delivery_id is not null
    and {{ alias }}.delivery_id <> replaced.delivery_id
    and (
        {{ alias }}.version < replaced.version
        or ({{ alias }}.version = replaced.version and {{ alias }}.payload_date < replaced.payload_date)
        or (
            {{ alias }}.version = replaced.version
            and {{ alias }}.payload_date = replaced.payload_date
            and {{ alias }}.receipt < replaced.receipt
        )
    )
{%- endmacro %}


{#- Why a row does not count: refused against the register, replaced, or null when it counts. -#}
{% macro drop_reason(alias, record_date, school='school') -%}
    case
        when
            {{ alias }}.{{ school }} is not null
            and known.school is null
            and (select count(*) from {{ ref('int_school_known') }}) > 0
            then 'unknown_school'
        when {{ record_date }} > known.closed_on then 'closed_school'
        when {{ is_replaced(alias) }} then 'replaced'
    end
{%- endmacro %}


{#- A date as the integer 20240930, the portable way to compare and to count whole years. -#}
{% macro date_number(expression) -%}
    (extract(year from {{ expression }}) * 10000 + extract(month from {{ expression }}) * 100 + extract(day from {{ expression }}))
{%- endmacro %}

{#-
The select that every record table ends with: the normalised values of a feed's rows, where each came from, and whether
any of it is in force. `rows` is a relation or a CTE of delivered rows; `more` are further columns of it, written with the
alias r. Rows that the register refused are not records.
-#}
{% macro record_table(feed, rows, pupil=false, more=[]) -%}
select
    r.period,
    r.school,
    {%- if pupil %}
    {{ token_hex('r.pupil') }} as pupil,
    {%- endif %}
    {{ record_columns(feed, 'r') }},
    {%- for column in more %}
    {{ column }},
    {%- endfor %}
    r.delivery_id,
    r.part,
    r.file_sha256,
    r.member,
    r.sheet,
    r.row_number,
    s.row_number is null as is_current
from {{ rows }} as r
left join {{ ref('int_superseded_rows') }} as s
    on
        s.feed = '{{ feed }}'
        and r.period = s.period
        and r.delivery_id = s.delivery_id
        and r.part = s.part
        and r.row_number = s.row_number
where coalesce(r.drop_reason, 'replaced') = 'replaced'
{%- endmacro %}

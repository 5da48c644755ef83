{#- When a document shows something, and what: the rule for items of the assessment and for commitments. -#}

{#- The item that a row of evidence names. What is shown under G15 is its second half, the care for left-behind children. -#}
{% macro evidence_item(column) -%}
    case when upper({{ column }}) = 'G15' then 'G15_care' else upper({{ column }}) end
{%- endmacro %}


{#- Joins evidence to the school years (calendar `c`) it counts in: its own, and later ones only while a date of expiry says so. -#}
{% macro counts_in(shown_in, expires_on) -%}
    c.period_type = 'year'
            and ({{ shown_in }} = c.period or ({{ shown_in }} < c.period and {{ expires_on }} > c.reference_date))
{%- endmacro %}


{#- Of several documents the latest issue comes first, on one day the stricter. -#}
{% macro latest_issue_first(alias) -%}
    {{ alias }}.issued_on desc nulls last,
                case {{ alias }}.finding when 'not_done' then 0 when 'partly' then 1 else 2 end asc,
                {{ alias }}.document_no asc nulls last
{%- endmacro %}


{#- What was written as evidence, unless it says that there is none. -#}
{% macro told_evidence(column) -%}
    case
        when
            {{ column }} like '暂无%' or {{ column }} like '尚无%' or {{ column }} like '没有%' or {{ column }} like '无%'
            or {{ column }} like '待%' or {{ column }} like '未%'
            then null
        else {{ column }}
    end
{%- endmacro %}

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


{#-
What was written as evidence or as a document number, unless it says that there is none. Whole phrases are compared: 无障碍设施验收报告
and 待遇兑现凭证 are evidence, 无, 略, 见附件 and 待补材料 are none.
-#}
{% macro told_evidence(column) -%}
    {%- set without = [
        '(暂无|尚无|尚未|没有|暂缺|待补).*',
        '(无|未见)(相关)?(证据|材料|佐证|文号|附件|依据)?',
        '未(提供|报|报送|上报|上传)(相关)?(证据|材料|佐证|文号|附件|文件)?',
        '(材料|文件|文号)?(待发|待定|待查|待传|待上传|待报)', '(详)?见附件', '略', '同上', '[-—－/／]+'
    ] -%}
    case when not regexp_full_match({{ column }}, '\s*({{ without | join("|") }})[。.]?\s*') then {{ column }} end
{%- endmacro %}

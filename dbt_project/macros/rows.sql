{#- Pieces that every feed's rows share: which rows count, and which of two rows is later. -#}

{#- Every feed, with the column that says when a row's fact happened (none: the row names no day). -#}
{% macro feeds() -%}
    {{- return({
        'school_register': none,
        'student_roster': 'snapshot_on',
        'class_roster': 'snapshot_on',
        'vision_check': 'check_date',
        'physical_exam': 'exam_date',
        'fitness_test': 'test_date',
        'film_screening': 'shown_on',
        'food_inspection': 'inspected_on',
        'kitchen_register': 'counted_on',
        'school_form': none,
        'county_form': none,
        'reported_measure': none,
        'commitment_evidence': none,
        'county_certification': 'decided_on',
        'case_event': 'happened_on'
    }) -}}
{%- endmacro %}


{#- The feeds whose rows may speak for a whole county. -#}
{% macro county_feeds() -%}
    {{- return(['county_form', 'reported_measure', 'commitment_evidence', 'county_certification', 'case_event']) -}}
{%- endmacro %}


{#- The feeds whose rows name a grade. -#}
{% macro graded_feeds() -%}
    {{- return(['student_roster', 'class_roster', 'vision_check', 'physical_exam', 'fitness_test', 'film_screening']) -}}
{%- endmacro %}


{#- Later rows first. The order is total and never looks at a token or a value. -#}
{% macro latest_first(alias) -%}
    {{ alias }}.version desc, {{ alias }}.payload_date desc, {{ alias }}.receipt desc, {{ alias }}.part desc, {{ alias }}.row_number desc
{%- endmacro %}


{#- Earlier rows first: the n-th row of a key overwrites the ones before it. -#}
{% macro earliest_first(alias) -%}
    {{ alias }}.version asc, {{ alias }}.payload_date asc, {{ alias }}.receipt asc, {{ alias }}.part asc, {{ alias }}.row_number asc
{%- endmacro %}


{#- Joins a row to the register (alias `known`). -#}
{% macro join_register(alias) -%}
left join {{ ref('int_school_known') }} as known
    on {{ alias }}.school = known.school
{%- endmacro %}


{#- Joins a row to the delivery that replaces its scope (alias `replaced`) and to the register (alias `known`). -#}
{% macro join_verdicts(feed, alias, school=none) -%}
left join {{ ref('int_replacing') }} as replaced
    on
        replaced.feed = '{{ feed }}'
        and {{ school or alias ~ '.school' }} = replaced.school
        and {{ alias }}.period = replaced.period
{{ join_register(alias) }}
{%- endmacro %}


{#- The rows of a feed as delivered, each with its school: inspections may name theirs instead of giving its code. -#}
{% macro delivered_rows(feed) -%}
    {{- return(ref('int_inspection_named') if feed == 'food_inspection' else ref('stg_' ~ feed)) -}}
{%- endmacro %}


{#- Whether a row comes before the delivery that replaces its scope. -#}
{% macro is_replaced(alias) -%}
    replaced.delivery_id is not null
    and {{ alias }}.delivery_id <> replaced.delivery_id
    and (
        {{ alias }}.version < replaced.version
        or (
            {{ alias }}.version = replaced.version
            and case
                when replaced.undated or {{ alias }}.payload_date = replaced.payload_date
                    then {{ alias }}.receipt < replaced.receipt
                else {{ alias }}.payload_date < replaced.payload_date
            end
        )
    )
{%- endmacro %}


{#-
Why a row is refused against the register: unknown_school, unknown_area, other_area, unknown_commitment,
commitment_elsewhere, closed_school, grade_not_taught, or null. A grade that no
school of its type has tells of a wrong school code or of another system's grade codes (11 for 初一). What is said of a commitment
that binds nobody there would be without effect: it goes back instead of lying still.
-#}
{% macro refusal(feed, alias, record_date) -%}
    case
        when
            {{ alias }}.school is not null
            and known.school is null
            and (select count(*) from {{ ref('int_school_known') }}) > 0
            then 'unknown_school'
        {%- if feed in county_feeds() %}
        when {{ alias }}.county is not null and {{ alias }}.county not in (select a.area from {{ ref('areas') }} as a)
            then 'unknown_area'
        when {{ alias }}.county <> known.county then 'other_area'
        {%- endif %}
        {%- if feed in ['reported_measure', 'commitment_evidence'] %}
        when {{ alias }}.commitment not in (select c.commitment from {{ ref('commitments_seed') }} as c)
            then 'unknown_commitment'
        when {{ alias }}.commitment || '|' || coalesce({{ alias }}.county, known.county) not in (select p.place from {{ ref('int_commitment_places') }} as p)
            then 'commitment_elsewhere'
        {%- endif %}
        {%- if record_date %}
        when {{ alias }}.{{ record_date }} >= known.closed_on then 'closed_school'
        {%- endif %}
        {%- if feed in graded_feeds() %}
        when {{ alias }}.grade < known.lowest_grade or {{ alias }}.grade > known.highest_grade then 'grade_not_taught'
        {%- endif %}
    end
{%- endmacro %}


{#- Why a row does not count: refused, replaced, or null when it counts. -#}
{% macro drop_reason(feed, alias, record_date) -%}
    coalesce({{ refusal(feed, alias, record_date) }}, case when {{ is_replaced(alias) }} then 'replaced' end)
{%- endmacro %}


{#- A date as the integer 20240930, the portable way to compare and to count whole years. -#}
{% macro date_number(expression) -%}
    (extract(year from {{ expression }}) * 10000 + extract(month from {{ expression }}) * 100 + extract(day from {{ expression }}))
{%- endmacro %}

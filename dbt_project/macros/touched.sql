{#-
Which periods an incremental model builds again. The control file `_touched.parquet` lists (feed, period) with their
closure, written by orchestration.warehouse.prepare; without it (plain dbt) everything is built again. A model says in
its meta which feeds it hangs on (`touched_by`), in which column its period stands (`period_column`, default period),
whether that column holds school years (`period_grain: year`) or both semesters and years (`both`: a touched semester
touches its year too), and whether its rows name their feed (`by_feed: true`).
-#}

{#- The control file as a list of (feed, period); none when everything is to be built. -#}
{% macro touched_control() -%}
    {%- if not execute or not base_has('_touched.parquet') -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set rows = run_query(
        "select feed, period from read_parquet('" ~ base_folder() ~ "/_touched.parquet') order by feed, period"
    ) -%}
    {%- set found = [] -%}
    {%- for row in rows.rows -%}
        {%- do found.append((row[0], row[1])) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{#- The touched periods of some feeds as a predicate: `1 = 1`, `1 = 0`, or literals that Parquet statistics prune by. -#}
{% macro touched_predicate(column, feeds, control) -%}
    {%- if control is none -%}
        {{- return('1 = 1') -}}
    {%- endif -%}
    {%- set grain = config.get('meta', {}).get('period_grain', 'period') -%}
    {%- set periods = [] -%}
    {%- for feed, period in control if feed in feeds -%}
        {%- for key in {'period': [period], 'year': [period[:9]], 'both': [period, period[:9]]}[grain] -%}
            {%- if key not in periods -%}
                {%- do periods.append(key) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if periods | length == 0 -%}
        {{- return('1 = 0') -}}
    {%- endif -%}
    {{- return(column ~ " in ('" ~ periods | sort | join("', '") ~ "')") -}}
{%- endmacro %}


{#- For a model's own body. -#}
{% macro touched(column='period') -%}
    {%- if is_incremental() -%}
        {{- touched_predicate(column, config.get('meta', {})['touched_by'], touched_control()) -}}
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}


{#-
Unions the branches of a model that goes over several feeds, each a list of feed and query; `$touched` in a query
stands for the feed's touched periods. Branches of feeds that are not touched are left out.
-#}
{% macro union_touched(branches, column='period') -%}
    {%- set control = touched_control() if is_incremental() else none -%}
    {%- set wanted = [] -%}
    {%- for feed, branch in branches -%}
        {%- set predicate = touched_predicate(column, [feed], control) -%}
        {%- if predicate != '1 = 0' or (loop.last and wanted | length == 0) -%}
            {%- do wanted.append(branch | replace('$touched', predicate)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- wanted | join('\nunion all\n') -}}
{%- endmacro %}


{#- Incremental strategy `by_period`: a touched period is emptied even when it has no rows any more, then filled. -#}
{% macro get_incremental_by_period_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set column = meta.get('period_column', 'period') -%}
    {%- set control = touched_control() -%}
    {%- if meta.get('by_feed') -%}
        {%- for feed in meta['touched_by'] %}
    delete from {{ arg_dict['target_relation'] }}
    where feed = '{{ feed }}' and {{ touched_predicate(column, [feed], control) }};
        {%- endfor -%}
    {%- else %}
    delete from {{ arg_dict['target_relation'] }} where {{ touched_predicate(column, meta['touched_by'], control) }};
    {%- endif %}
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    (select {{ columns }} from {{ arg_dict['temp_relation'] }})
{%- endmacro %}

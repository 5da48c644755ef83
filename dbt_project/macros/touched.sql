{#-
Which periods an incremental model builds again. The control file `_touched.parquet` lists (feed, period) with their
closure, written by orchestration.warehouse.prepare; without it (plain dbt) everything is built again. A model says in
its meta which feeds it hangs on (`touched_by`), in which column its period stands (`period_column`, default period),
whether that column holds school years (`period_grain: year`) or both semesters and years (`both`: a touched semester
touches its year too), and whether its rows name their feed (`by_feed: true`).
-#}

{#- The touched periods of some feeds as a predicate: `1 = 1`, `1 = 0`, or literals that Parquet statistics prune by. -#}
{% macro touched_predicate(column, feeds) -%}
    {%- if not execute or not base_has('_touched.parquet') -%}
        {{- return('1 = 1') -}}
    {%- endif -%}
    {%- set grain = config.get('meta', {}).get('period_grain', 'period') -%}
    {%- set control = " from read_parquet('" ~ base_folder() ~ "/_touched.parquet') where feed in ('"
        ~ feeds | join("', '") ~ "')" -%}
    {%- set wanted = {
        'period': "select period" ~ control,
        'year': "select substr(period, 1, 9) as period" ~ control,
        'both': "select period" ~ control ~ " union select substr(period, 1, 9) as period" ~ control
    } -%}
    {%- set rows = run_query("select distinct period from (" ~ wanted[grain] ~ ") order by period") -%}
    {%- set periods = rows.columns[0].values() -%}
    {%- if periods | length == 0 -%}
        {{- return('1 = 0') -}}
    {%- endif -%}
    {{- return(column ~ " in ('" ~ periods | join("', '") ~ "')") -}}
{%- endmacro %}


{#- For a model's own body. -#}
{% macro touched(column='period', feed=none) -%}
    {%- if is_incremental() -%}
        {{- touched_predicate(column, [feed] if feed else config.get('meta', {})['touched_by']) -}}
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}


{#- Incremental strategy `by_period`: a touched period is emptied even when it has no rows any more, then filled. -#}
{% macro get_incremental_by_period_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set column = meta.get('period_column', 'period') -%}
    {%- if meta.get('by_feed') -%}
        {%- for feed in meta['touched_by'] %}
    delete from {{ arg_dict['target_relation'] }}
    where feed = '{{ feed }}' and {{ touched_predicate(column, [feed]) }};
        {%- endfor -%}
    {%- else %}
    delete from {{ arg_dict['target_relation'] }} where {{ touched_predicate(column, meta['touched_by']) }};
    {%- endif %}
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    (select {{ columns }} from {{ arg_dict['temp_relation'] }})
{%- endmacro %}

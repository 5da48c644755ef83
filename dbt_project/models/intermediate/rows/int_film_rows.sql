-- Grain: a delivered row of film screenings; drop_reason says why it does not count. Key columns are never null, so that
-- a correction finds its row even where the time or the place was left out.
{{ config(materialized='view') }}
select
    {{ feed_columns('film_screening', 'r') }},
    coalesce(r.grade, 0) as grade_key,
    coalesce(r.class_no, '') as class_key,
    coalesce(r.title, '') as title_key,
    coalesce({{ date_number('r.shown_on') }}, 0) as shown_key,
    coalesce(r.starts_at, '') as start_key,
    {{ drop_reason('film_screening', 'r', 'shown_on') }} as drop_reason
from {{ ref('stg_film_screening') }} as r
{{ join_verdicts('film_screening', 'r') }}

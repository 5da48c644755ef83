-- Grain: school year in which any feed has a row.
{% for feed in feeds() %}
select distinct school_year from {{ ref('stg_' ~ feed) }}
where school_year is not null
{% if not loop.last %}union{% endif %}
{% endfor %}

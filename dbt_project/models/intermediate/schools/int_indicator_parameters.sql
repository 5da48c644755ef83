-- Grain: indicator whose rule has dated parameters: all of them in words, each value with its dates and source, for the page.
-- What is said of an indicator holds for those whose code begins with its code too.
{{ config(tags=['code_only']) }}
with told as (
    select
        w.indicator,
        w.parameter,
        w.place,
        w.name_zh,
        p.valid_from,
        case w.decimals
            when 2 then cast(cast(cast(p.value as integer) / 100.0 as decimal(9, 2)) as {{ dbt.type_string() }})
            when 1 then cast(cast(cast(p.value as integer) / 10.0 as decimal(9, 1)) as {{ dbt.type_string() }})
            else p.value
        end
        || coalesce(' ' || w.unit_zh, '')
        || '（' || cast(p.valid_from as {{ dbt.type_string() }})
        || case
            when p.valid_to < cast('9999-12-31' as date) then '至' || cast(p.valid_to as {{ dbt.type_string() }})
            else '起'
        end
        || '，' || p.source || '）' as value_zh
    from {{ ref('indicator_parameters') }} as w
    inner join {{ ref('rule_parameters') }} as p on w.parameter = p.parameter
),

by_parameter as (
    select
        indicator,
        place,
        name_zh || '：' || {{ joined_text('value_zh', '、', 'valid_from desc') }} as parameter_zh
    from told
    group by indicator, parameter, place, name_zh
)

select
    i.code as indicator,
    {{ joined_text('p.parameter_zh', '；', 'p.place asc') }} as parameters
from {{ ref('indicators_seed') }} as i
inner join by_parameter as p on i.code = p.indicator or i.code like p.indicator || '\_%' escape '\'
group by i.code

-- Grain: school year x county x stage x resource indicator: enrolment-weighted mean, standard deviation (population form) and
-- coefficient of variation over the assessed schools, in the unit of the indicator. Squares are added as decimals: a sum of
-- doubles would depend on the order of threads. Rule: 教督〔2017〕6号; the mean is a sum over a sum.
{% for code, (column, scale, per) in resources().items() %}
{% if not loop.first %}union all{% endif %}
select
    period,
    county,
    stage,
    '{{ code }}' as indicator,
    count(*) as schools,
    cast(max(pupils_all) as bigint) as pupils,
    max(mean) as mean,
    sqrt(cast(sum(cast(pupils * (x - mean) * (x - mean) as decimal(38, 14))) as double) / max(pupils_all)) as sd
from (
    select
        s.period,
        s.county,
        s.stage,
        s.pupils,
        {{ per_pupil(code, 's') }} as x,
        sum(s.pupils) over (partition by s.period, s.county, s.stage) as pupils_all,
        cast(sum(s.{{ column }}) over (partition by s.period, s.county, s.stage) as double) * {{ per }}
        / ({{ scale }} * cast(sum(s.pupils) over (partition by s.period, s.county, s.stage) as double)) as mean
    from {{ ref('int_school_stages') }} as s
    where s.excluded_reason is null and s.{{ column }} is not null and s.county is not null
) as pupil_weighted
group by period, county, stage
{% endfor %}

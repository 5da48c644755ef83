-- Grain: school year x county x stage x resource indicator above its limit of variation x school to add to: the least addition
-- that brings the county within the limit, and where. Unit after unit goes where it raises the sum of squares least, which is
-- the best for every total, because that sum is separable and convex. The steps are those of addition_steps().
with over_limit as (
    select
        v.period,
        v.county,
        v.stage,
        v.indicator,
        v.cv_limit,
        i.numerator_scale,
        case v.indicator{% for code, step in addition_steps().items() %} when '{{ code }}' then {{ step }}{% endfor %} end as unit
    from {{ ref('county_variation') }} as v
    inner join {{ ref('indicators_seed') }} as i on v.indicator = i.code
    where not v.cv_met
),

schools as (
    select
        o.*,
        r.school,
        r.denominator as pupils,
        cast(r.numerator as double) as stock,
        cast(r.numerator as double) / r.denominator as per_pupil
    from over_limit as o
    inner join {{ ref('ind_resources') }} as r on o.period = r.period and o.stage = r.stage and o.indicator = r.indicator
    inner join {{ ref('int_schools') }} as s on r.school = s.school and r.period = s.school_year and o.county = s.county
),

totals as (
    select
        period,
        county,
        stage,
        indicator,
        sum(pupils) as pupils_all,
        sum(stock) as stock_all,
        cast(sum(cast(stock * stock / pupils as decimal(38, 6))) as double) as squares_all,
        max(per_pupil) as highest
    from schools
    group by period, county, stage, indicator
),

-- nobody is raised above the best school: with all at its level there is no variation left
steps as (
    select
        s.*,
        t.pupils_all,
        t.stock_all,
        t.squares_all,
        {{ counted_from_zero('ceil((t.highest * s.pupils - s.stock) / s.unit)') }} as step
    from schools as s
    inner join totals as t
        on s.period = t.period and s.county = t.county and s.stage = t.stage and s.indicator = t.indicator
),

placed as (
    select
        *,
        unit * (2 * (stock + step * unit) + unit) / pupils as rise,
        row_number() over (
            partition by period, county, stage, indicator
            order by unit * (2 * (stock + step * unit) + unit) / pupils asc, school asc, step asc
        ) as place
    from steps
),

summed as (
    select
        *,
        squares_all + cast(
            sum(cast(rise as decimal(38, 6))) over (
                partition by period, county, stage, indicator order by place asc
                rows between unbounded preceding and current row
            ) as double
        ) as squares,
        stock_all + place * unit as stock_then
    from placed
),

enough as (
    select
        period,
        county,
        stage,
        indicator,
        min(place) as units
    from summed
    where pupils_all * squares <= (1 + cv_limit * cv_limit) * stock_then * stock_then
    group by period, county, stage, indicator
)

select
    s.period,
    s.county,
    s.stage,
    s.indicator,
    s.school,
    count(*) * max(s.unit) / cast(max(s.numerator_scale) as double) as addition,
    max(e.units) * max(s.unit) / cast(max(s.numerator_scale) as double) as county_addition
from summed as s
inner join enough as e
    on s.period = e.period and s.county = e.county and s.stage = e.stage and s.indicator = e.indicator and s.place <= e.units
group by s.period, s.county, s.stage, s.indicator, s.school

-- Grain: school year x commitment x part x area x school ('' for the area itself): the figure reported for it, of the latest day.
-- A row about the whole comes before rows about stages or groups, which are added up (sums over sums), or where only values are
-- given the worst of them stands. Shares are read as the macro measured_share says; what gives no readable figure says nothing, and
-- takes no older figure's place. Of a number that the document names (eight schools, three growths) a mere value is so many of them.
with rows_asked as (
    select
        m.period as school_year,
        p.commitment,
        p.part,
        p.operator,
        coalesce(m.county, s.county) as area,
        coalesce(m.school, '') as school,
        m.measured_on,
        m.document_no,
        m.measure_numerator_e4,
        m.measure_denominator_e4,
        case
            when p.named is not null and (p.unit = 'schools' or m.measure_value_e4 > 10000) and not {{ is_percent('m.unit') }}
                then case when m.measure_value_e4 between 0 and p.named * 10000 then cast(m.measure_value_e4 as double) / (p.named * 10000) end
            when p.unit = 'percent' then {{ measured_share('m.measure_value_e4', 'm.unit') }}
            when {{ is_percent('m.unit') }} then cast(m.measure_value_e4 as double) / 1000000
            else cast(m.measure_value_e4 as double) / 10000
        end as measured,
        m.measure_denominator_e4 > 0 and (p.unit is distinct from 'percent' or m.measure_numerator_e4 <= m.measure_denominator_e4) as counted,
        case
            when m.group_name is null and coalesce(m.stage, 'all') in ('all', 'compulsory', p.commitment_stage, p.stage) then 1
            else 0
        end as whole
    from {{ ref('int_commitment_parts') }} as p
    inner join {{ ref('int_measure_current') }} as m
        on p.commitment = m.commitment or (m.commitment is null and p.indicator = m.indicator)
    left join {{ ref('int_schools') }} as s on m.school = s.school and m.period = s.school_year
    where p.route <> 'computed' and (p.stage is null or coalesce(m.stage, p.stage) = p.stage)
),

told as (
    select
        *,
        min(case when counted or (measure_denominator_e4 is null and measured is not null) then 1 else 0 end) over (
            partition by school_year, commitment, part, area, school, measured_on, whole
        ) as readable
    from rows_asked
    where area is not null
),

ranked as (
    select
        *,
        rank() over (
            partition by school_year, commitment, part, area, school
            order by measured_on desc nulls last, whole desc
        ) as place
    from told
    where readable = 1
)

select
    school_year,
    commitment,
    part,
    area,
    school,
    max(measured_on) as measured_on,
    max(document_no) as document_no,
    case when count(measure_denominator_e4) = count(*) then cast(sum(measure_numerator_e4) as bigint) end as numerator_e4,
    case when count(measure_denominator_e4) = count(*) then cast(sum(measure_denominator_e4) as bigint) end as denominator_e4,
    case
        when count(measure_denominator_e4) = count(*)
            then cast(sum(measure_numerator_e4) as double) / cast(sum(measure_denominator_e4) as double)
        when max(operator) in ('<', '<=') then max(measured)
        else min(measured)
    end as value
from ranked
where place = 1
group by school_year, commitment, part, area, school

-- Grain: school year x commitment x area x school ('' for the area itself): the figures reported for it, judged; of several the worst
-- is shown, and one that is missing is not reported.
with measured as (
    select
        m.school_year,
        m.commitment,
        m.part,
        m.area,
        m.school,
        m.value,
        m.numerator_e4,
        m.denominator_e4,
        m.document_no,
        m.measured_on,
        p.operator,
        case when p.compared = 'change' then b.value else p.target end as target,
        case
            when p.operator is null then 'no_target'
            when p.compared = 'change' and b.value is null then 'no_target'
            when p.compared = 'level' and p.target is null then 'no_target'
            when p.operator = 'between' then case when m.value >= p.target and m.value <= p.target_upper then 'met' else 'not_met' end
            when p.compared = 'change' then {{ judged('m.value', 'null', 'null', 'p.operator', 'b.value') }}
            else {{ judged('m.value', 'null', 'null', 'p.operator', 'p.target') }}
        end as status
    from {{ ref('int_commitment_measures') }} as m
    inner join {{ ref('int_commitment_parts') }} as p on m.commitment = p.commitment and m.part = p.part
    left join {{ ref('int_commitment_measures') }} as b
        on
            m.commitment = b.commitment
            and m.part = b.part
            and m.area = b.area
            and m.school = b.school
            and {{ year_before('m.school_year') }} = b.school_year
),

worst as (
    select
        *,
        count(*) over (partition by school_year, commitment, area, school) as parts,
        row_number() over (
            partition by school_year, commitment, area, school
            order by {{ severity('status') }} desc, part asc
        ) as place
    from measured
),

asked as (
    select
        commitment,
        count(*) as parts
    from {{ ref('commitment_routes') }}
    group by commitment
)

select
    w.*,
    case when w.parts < n.parts and {{ severity('w.status') }} < 5 then 'not_reported' else w.status end as status_of_all
from worst as w
inner join asked as n on w.commitment = n.commitment
where w.place = 1

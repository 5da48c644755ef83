-- Grain: school year x commitment x area x school ('' for the area itself): what was reported or shown by document, judged. A
-- reported commitment is answered by its figure, an evidenced one by its document; where that is missing, by the other.
with both_ways as (
    select
        coalesce(f.school_year, d.school_year) as school_year,
        coalesce(f.commitment, d.commitment) as commitment,
        coalesce(f.area, d.area) as area,
        coalesce(f.school, d.school) as school,
        d.finding,
        d.document_no as shown_by,
        d.issued_on,
        d.evidence_sha256,
        f.status_of_all,
        f.value,
        f.numerator_e4,
        f.denominator_e4,
        f.operator,
        f.target,
        f.document_no as reported_by,
        f.measured_on
    from {{ ref('int_commitment_reported') }} as f
    full outer join {{ ref('int_commitment_findings') }} as d
        on f.school_year = d.school_year and f.commitment = d.commitment and f.area = d.area and f.school = d.school
),

chosen as (
    select
        b.*,
        c.unit,
        r.route = 'narrative' as is_narrative,
        b.finding is not null and (r.route <> 'reported' or b.status_of_all is null) as by_document
    from both_ways as b
    inner join {{ ref('commitment_routes') }} as r on b.commitment = r.commitment and r.part = 1
    inner join {{ ref('commitments_seed') }} as c on b.commitment = c.commitment
)

select
    school_year,
    commitment,
    area,
    school,
    case
        when is_narrative then 'no_target'
        when not by_document then status_of_all
        when finding = 'done' then 'met'
        else 'not_met'
    end as status,
    by_document,
    case when by_document then 'done' when unit = 'percent' then 'share' else unit end as unit,
    case when by_document then case when finding = 'done' then 1.0 else 0.0 end else value end as value,
    -- whole numbers are given as they are; a broken one stays in its value alone
    case
        when by_document then case when finding = 'done' then 1 else 0 end
        when numerator_e4 % 10000 = 0 and denominator_e4 % 10000 = 0 then numerator_e4 / 10000
    end as numerator,
    case
        when by_document then 1
        when numerator_e4 % 10000 = 0 and denominator_e4 % 10000 = 0 then denominator_e4 / 10000
    end as denominator,
    case when by_document then '=' else operator end as operator,
    case when by_document then 1.0 else target end as target,
    case
        when by_document
            then concat_ws(' ', shown_by, cast(issued_on as {{ dbt.type_string() }}), 'sha256:' || lower(evidence_sha256))
        else nullif(concat_ws(' ', reported_by, cast(measured_on as {{ dbt.type_string() }})), '')
    end as evidence
from chosen

-- Grain: event of praise, interview, notice, supervision or accountability with a document number; without one no result was
-- used. Where its number belongs to several cases (a figure that fails in two stages) the first by name.
with cases_of as (
    select
        case_no,
        owner,
        min(case_id) as case_id
    from {{ ref('int_case_numbers') }}
    group by case_no, owner
)

select
    e.case_no,
    e.kind,
    nullif(e.owner, '') as county,
    e.school,
    e.event,
    e.happened_on,
    e.document_no,
    c.case_id
from {{ ref('int_case_events') }} as e
left join cases_of as c on e.case_no = c.case_no and e.owner = c.owner
where e.event in ('praise', 'interview', 'notice', 'supervise', 'account') and e.document_no is not null

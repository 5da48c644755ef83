-- Grain: school year x county x item of the assessment x school (null: the county itself) that a document shows: the one in force.
select
    period,
    county,
    item as indicator,
    nullif(school, '') as school,
    document_no,
    title,
    issued_on,
    finding
from {{ ref('int_item_evidence') }}

-- Grain: delivery part: where its rows stand in the delivered file.
{{ config(materialized='view') }}
select
    delivery_id,
    part,
    max(file_sha256) as file_sha256,
    max(member) as member,
    max(sheet) as sheet
from {{ ref('stg_delivery_parts') }}
group by delivery_id, part

-- Grain: period x inspection and item, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_inspection_rows'), ref('int_inspection_repeated'), ['period', 'school', 'inspection_id', 'item'],
    value_columns('food_inspection', ['school', 'inspection_id', 'item'])
) }}

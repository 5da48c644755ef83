-- Grain: period x school, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(
    ref('int_kitchen_rows'), ref('int_kitchen_repeated'), ['period', 'school'],
    value_columns('kitchen_register', ['school'])
) }}

-- Grain: school year x area or school, measure, stage, group and time, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_measure_rows'), ref('int_measure_repeated'), ['period', 'measure_key'], value_columns('reported_measure', [])) }}

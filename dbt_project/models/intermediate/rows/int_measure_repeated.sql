-- Grain: a counting row whose area or school, measure, stage, group and time have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_measure_rows'), ['period', 'measure_key']) }}

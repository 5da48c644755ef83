-- Grain: school year x case, event and day, corrections applied.
{{ config(materialized='view') }}
{{ current_rows(ref('int_case_event_rows'), ref('int_case_event_repeated'), ['period', 'case_no', 'event', 'happened_on'], value_columns('case_event', ['case_no', 'event', 'happened_on'])) }}

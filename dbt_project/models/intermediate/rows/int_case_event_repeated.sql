-- Grain: a counting row whose case, event and day have several, numbered from the earliest.
{{ config(materialized='view') }}
{{ repeated_rows(ref('int_case_event_rows'), ['period', 'case_no', 'event', 'happened_on']) }}

-- Grain: a delivered event of a case, with all history.
{{ base_rows('case_event') }}

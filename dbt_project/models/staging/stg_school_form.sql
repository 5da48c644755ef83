-- Grain: a delivered school form, with all history.
{{ base_rows('school_form') }}

-- Grain: a delivered county form, with all history.
{{ base_rows('county_form') }}

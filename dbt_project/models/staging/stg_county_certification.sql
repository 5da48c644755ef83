-- Grain: a delivered step of a certification, with all history.
{{ base_rows('county_certification') }}

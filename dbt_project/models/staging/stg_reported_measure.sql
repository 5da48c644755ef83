-- Grain: a delivered reported figure, with all history.
{{ base_rows('reported_measure') }}

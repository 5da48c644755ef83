-- Grain: a delivered row of vision checks, with all history.
{{ base_rows('vision_check') }}

-- Grain: a delivery part (sheet or member, one feed) as landed.
{{ base_rows('_parts') }}

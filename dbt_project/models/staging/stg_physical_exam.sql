-- Grain: a delivered row of physical examinations, with all history.
{{ base_rows('physical_exam') }}

-- Grain: a delivered row of the school register, with all history.
{{ base_rows('school_register') }}

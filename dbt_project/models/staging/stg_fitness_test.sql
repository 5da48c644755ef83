-- Grain: a delivered row of fitness tests, with all history.
{{ base_rows('fitness_test') }}

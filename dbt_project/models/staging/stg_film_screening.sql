-- Grain: a delivered row of film screenings (class and screening), with all history.
{{ base_rows('film_screening') }}

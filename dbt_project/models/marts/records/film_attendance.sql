-- Grain: a delivered row of film screenings that was not refused; is_current is false when later rows overwrote all of it.
-- Inner zone: read by `query --records` only.
{{ record_table('film_screening', ref('int_film_rows')) }}

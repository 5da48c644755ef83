-- Grain: a delivered row of vision checks that was not refused; is_current is false when later rows overwrote all of it.
-- Inner zone: read by `query --records` only. pupil is a keyed token.
{{ record_table('vision_check', ref('int_vision_rows'), pupil=true) }}

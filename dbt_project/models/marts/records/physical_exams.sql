-- Grain: a delivered row of physical examinations that was not refused; is_current is false when later rows overwrote all of it.
-- Inner zone: read by `query --records` only. pupil is a keyed token.
{{ record_table('physical_exam', ref('int_exam_rows'), pupil=true) }}

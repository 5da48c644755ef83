-- Grain: a delivered row of inspected items that was not refused; is_current is false when later rows overwrote all of it.
-- Inner zone: read by `query --records` only.
{{ record_table('food_inspection', ref('int_inspection_rows')) }}

-- Grain: a delivered row of canteen inspections (one item), with all history.
{{ base_rows('food_inspection') }}

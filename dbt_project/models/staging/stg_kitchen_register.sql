-- Grain: a delivered row of the open-kitchen register, with all history.
{{ base_rows('kitchen_register') }}

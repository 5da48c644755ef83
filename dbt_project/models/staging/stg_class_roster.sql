-- Grain: a delivered row of the class roster, with all history.
{{ base_rows('class_roster') }}

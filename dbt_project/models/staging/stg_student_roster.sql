-- Grain: a delivered row of the student roster, with all history.
{{ base_rows('student_roster') }}

-- Grain: a counting row of the school register whose school and year have several.
{{ repeated_rows(ref('int_register_rows'), ['period', 'school']) }}

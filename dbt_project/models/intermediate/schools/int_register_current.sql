-- Grain: school x school year as registered, corrections applied.
{{ current_rows(
    ref('int_register_rows'), ref('int_register_repeated'), ['period', 'school'],
    value_columns('school_register', ['school'])
) }}

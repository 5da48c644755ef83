-- Grain: school x school year: the last delivery that replaces the school's whole register of that year.
{{ replacing(['school_register']) }}

-- Grain: feed x school x period that a replacing delivery without any row says to be empty.
{{ base_rows('_scopes') }}

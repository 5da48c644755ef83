-- Grain: a row rejected while landing; row_number is null for a part refused as a whole.
{{ base_rows('_rejected') }}

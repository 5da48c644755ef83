-- Grain: a delivered document that shows a commitment, with all history.
{{ base_rows('commitment_evidence') }}

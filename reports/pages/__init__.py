"""Builders: one module per kind of page, each turning controlled tables into a typed page model."""

"""Static report sites generated from controlled tables.

What belongs here: reading the disclosure-controlled Parquet tables, page models, charts, templates, styles and the
writer. What does not: anything that could open an inner table, a delivery, the ledger or the clock.
"""

"""What a delivery and a table must be: contracts, suites, gate, verdict."""

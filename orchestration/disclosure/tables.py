"""Names of the controlled tables of an edition: what `control` writes, what the gate judges."""

# Judged from forms, documents and figures; data versions built before these were made have none of them.
LATER = (
    "school_assessment",
    "school_gaps",
    "county_variation",
    "county_additions",
    "county_verdict",
    "commitments",
    "cases",
    "results_used",
    "item_documents",
    "certification_states",
)
CONTROLLED = (
    "indicator_values",
    "schools",
    "areas",
    "indicators",
    "targets",
    "coverage",
    "deliveries_summary",
    "meta",
    *LATER,
)

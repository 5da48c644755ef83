"""Page builders of the audit site, one module per section; each yields the section's pages."""

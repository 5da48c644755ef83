"""Pure reading of deliveries: claiming, readers, header matching, normalising, pseudonyms, feedback. No Dagster, no dbt."""

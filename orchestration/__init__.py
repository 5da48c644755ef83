"""Dagster and the platform's own logic; only the Dagster modules and cli.py import Dagster."""

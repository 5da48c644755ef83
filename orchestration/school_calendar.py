"""The calendar seed: semesters and school years with their dates. Free of Dagster, so that whoever needs a date need not wait for it."""

import csv
from functools import cache

from orchestration.ingest.standards import SEEDS


@cache
def calendar() -> tuple[dict[str, str], ...]:
    """The rows of the calendar seed, semesters and school years."""
    with (SEEDS / "calendar.csv").open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))

"""Partitions: the semesters and school years of the calendar seed, oldest first.

Here belongs how the data are cut in time, and nothing else. Never a partition per file or school: Dagster's limits, and a file's feed and
period are known only after it is read.
"""

from functools import cache

import dagster as dg

from orchestration.school_calendar import calendar
from orchestration.warehouse.fingerprints import FEEDS, SEMESTER_FEEDS


@cache
def _periods(period_type: str) -> dg.StaticPartitionsDefinition:
    return dg.StaticPartitionsDefinition([row["period"] for row in calendar() if row["period_type"] == period_type])


def semesters() -> dg.StaticPartitionsDefinition:
    """`2024-2025-1`, `2024-2025-2`, …"""
    return _periods("semester")


def school_years() -> dg.StaticPartitionsDefinition:
    """`2024-2025`, …"""
    return _periods("year")


def partitions_of(feed: str) -> dg.StaticPartitionsDefinition:
    """How a feed is cut.

    Raises:
        KeyError: no such feed.
    """
    if feed not in FEEDS:
        raise KeyError(feed)
    return semesters() if feed in SEMESTER_FEEDS else school_years()

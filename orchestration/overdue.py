"""Which feeds are overdue: their deadline has passed and nothing was delivered for the period. Pure; reads file names only."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.config import Home
from orchestration.school_calendar import calendar
from orchestration.warehouse.fingerprints import FEEDS, SEMESTER_FEEDS

# Who belongs where is due when the semester has settled; what is done in a period is due when it ends.
_DUE_EARLY = ("school_register", "student_roster", "class_roster")


@dataclass(frozen=True)
class Overdue:
    """A feed and period that is owed, and when."""

    feed: str
    period: str
    due_on: dt.date


def overdue(home: Home, as_of: dt.date) -> list[Overdue]:
    """What is overdue on a day, from the first school year of which anything was delivered; before that the bureau did not collect."""
    delivered = {(feed, path.stem) for feed in FEEDS for path in (home.base / feed).glob("[0-9]*.parquet")}
    if not delivered:
        return []
    first = min(period[:9] for _, period in delivered)
    return [o for o in expected(first) if o.due_on < as_of and (o.feed, o.period) not in delivered]


def expected(first: str) -> Iterator[Overdue]:
    """Every feed and period from a school year on, with the day it is due."""
    for row in calendar():
        if row["school_year"] < first:
            continue
        for feed in FEEDS:
            if (feed in SEMESTER_FEEDS) == (row["period_type"] == "semester"):
                due = row["full_from" if feed in _DUE_EARLY else "covers_to"]
                yield Overdue(feed, row["period"], dt.date.fromisoformat(due))

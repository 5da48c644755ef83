"""The school calendar as the simulated bureau keeps it; days count from 1970-01-01."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

EPOCH = dt.date(1970, 1, 1)


def day(year: int, month: int, date: int) -> int:
    """Days since 1970-01-01."""
    return (dt.date(year, month, date) - EPOCH).days


def iso(days: int) -> str:
    """A day as 2024-10-15."""
    return (EPOCH + dt.timedelta(days=int(days))).isoformat()


def compact(days: int) -> str:
    """A day as 20241015, the way file names carry it."""
    return iso(days).replace("-", "")


@dataclass(frozen=True)
class Semester:
    """One half of a school year with the days that decide who counts."""

    year: int
    half: int

    @property
    def name(self) -> str:
        """2024-2025-1 is the autumn of 2024."""
        return f"{self.school_year}-{self.half}"

    @property
    def school_year(self) -> str:
        """2024-2025."""
        return f"{self.year}-{self.year + 1}"

    @property
    def autumn(self) -> bool:
        """The first semester."""
        return self.half == 1

    def _on(self, autumn: tuple[int, int], spring: tuple[int, int]) -> int:
        month, date = autumn if self.autumn else spring
        return day(self.year if self.autumn and month > 8 else self.year + 1, month, date)

    @property
    def opens(self) -> int:
        """First teaching day."""
        return self._on((9, 1), (2, 16))

    @property
    def closes(self) -> int:
        """Last teaching day."""
        return self._on((1, 20), (7, 10))

    @property
    def full_from(self) -> int:
        """Whoever enters later is a part-semester pupil."""
        return self._on((9, 30), (3, 15))

    @property
    def reference(self) -> int:
        """The day that decides which school answers for a pupil."""
        return self._on((12, 31), (6, 30))

    @property
    def first_snapshot(self) -> int:
        """Day of the main roster."""
        return self._on((9, 25), (3, 10))

    @property
    def last_snapshot(self) -> int:
        """Day of the roster of changes."""
        return self._on((1, 18), (7, 8))

    def round_window(self, number: int) -> tuple[int, int]:
        """Days in which a school's first or second vision check of the semester may fall."""
        if number == 1:
            return self._on((10, 8), (3, 20)), self._on((10, 31), (4, 20))
        return self._on((11, 25), (5, 20)), self._on((12, 20), (6, 20))


def school_years(until: str, years: int) -> list[int]:
    """First calendar years of the school years that end with `until`.

    Raises:
        ValueError: `until` is no school year such as 2024-2025.
    """
    first, _, second = until.partition("-")
    if not (first.isdigit() and second.isdigit() and int(second) == int(first) + 1):
        raise ValueError(f"not a school year: {until}")
    return list(range(int(first) - years + 1, int(first) + 1))

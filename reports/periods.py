"""School years and semesters: parsing, order, comparable earlier period, words."""

from __future__ import annotations

import re

from reports.i18n import N_, Gettext

_PERIOD = re.compile(r"^(\d{4})-(\d{4})(?:-([12]))?$")

YEAR_LABEL = N_("%(first)s—%(second)s学年")
AUTUMN_LABEL = N_("%(first)s—%(second)s学年秋季学期")
SPRING_LABEL = N_("%(first)s—%(second)s学年春季学期")
SHORT_AUTUMN = N_("%(first)s秋")
SHORT_SPRING = N_("%(second)s春")


def school_year(period: str) -> str:
    """School year that a period belongs to: ``2024-2025-1`` → ``2024-2025``."""
    return period[:9]


def reference_day(year: str) -> str:
    """Day on which the schools of a school year are counted, as the calendar has it: one closed by then is not of that year."""
    return f"{year[:4]}-12-31" if _PERIOD.match(year) else ""


def year_before(period: str) -> str:
    """The comparable period one school year earlier (autumn with autumn, spring with spring)."""
    match = _PERIOD.match(period)
    if match is None:
        return ""
    tail = f"-{match[3]}" if match[3] else ""
    return f"{int(match[1]) - 1}-{int(match[2]) - 1}{tail}"


def label(period: str, t: Gettext) -> str:
    """Full words: ``2024—2025学年秋季学期``."""
    match = _PERIOD.match(period)
    if match is None:
        return period
    pattern = {None: YEAR_LABEL, "1": AUTUMN_LABEL, "2": SPRING_LABEL}[match[3]]
    return t(pattern) % {"first": match[1], "second": match[2]}


def short(period: str, t: Gettext) -> str:
    """Narrow words for axes and column heads: ``2024秋``, ``2025春``, ``2024—25``."""
    match = _PERIOD.match(period)
    if match is None:
        return period
    if match[3] is None:
        return f"{match[1]}—{match[2][2:]}"
    pattern = SHORT_AUTUMN if match[3] == "1" else SHORT_SPRING
    return t(pattern) % {"first": match[1], "second": match[2]}

"""Waivers: a named person lets one failed check pass for one period (and county), for a time, with a reason, approved by another person.

Append-only: a waiver is an entry of the ledger and is never edited; a later one for the same scope stands beside it. The verdict does not know
of waivers. They are applied at publication, against the as-of date, and printed wherever a figure they touch is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from expectations.verdict import CheckResult, Verdict
from orchestration.config import Home
from orchestration.ledger import Ledger

KIND = "waiver"


@dataclass(frozen=True)
class Waiver:
    """One waiver as the ledger holds it. `period` is a school year or a semester of it; `county` empty means every county."""

    waiver: str
    check: str
    period: str
    county: str
    reason: str
    by: str
    approved_by: str
    until: str
    as_of: str
    evidence_name: str = ""
    evidence_sha256: str = ""

    def counts(self, as_of: dt.date) -> bool:
        """Whether it has not run out; the last day counts."""
        return as_of <= dt.date.fromisoformat(self.until)

    def holds(self, period: str, county: str) -> bool:
        """Whether a place lies in its scope."""
        return period.startswith(self.period) and self.county in ("", county)


@dataclass(frozen=True)
class Stand:
    """What stands in the way of a school year, and what is waived, with the waivers that do it."""

    blocking: tuple[CheckResult, ...]
    waived: tuple[tuple[CheckResult, tuple[Waiver, ...]], ...]

    @property
    def used(self) -> tuple[Waiver, ...]:
        """Every waiver without which the year would be refused, once."""
        return tuple(dict.fromkeys(w for _, waivers in self.waived for w in waivers))


def covering(result: CheckResult, waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """The waivers that together hold every fault of a failed check; none where one fault is left over.

    A crashed check or one that was not run has judged nothing: there is nothing to waive.
    """
    own = [w for w in waivers if w.check == result.check and w.period[:9] == result.period]
    if result.result != "failed" or not own:
        return ()
    whole = [w for w in own if w.holds(result.period, "")]
    if whole:
        return (whole[-1],)
    held = [next((w for w in reversed(own) if w.holds(p.period, p.county)), None) for p in result.places]
    return tuple(dict.fromkeys(w for w in held if w)) if held and all(held) else ()


def stand(verdict: Verdict, year: str, waivers: Iterable[Waiver], as_of: dt.date) -> Stand:
    """Applies the waivers that count on a day to what blocks a school year."""
    valid = [w for w in waivers if w.counts(as_of)]
    covered = [(r, covering(r, valid)) for r in verdict.blocking(year)]
    return Stand(tuple(r for r, w in covered if not w), tuple((r, w) for r, w in covered if w))


def waivers(home: Home) -> list[Waiver]:
    """All waivers ever given, oldest first, also those that have run out."""
    return [Waiver(**event.body) for event in Ledger(home.ledger_path).events(KIND)]

"""All suites of the gate, one module per group of tables. Plain data; `expectations.engine` runs them.

A table of checks, not a scan: what is judged is what is listed here, and a group that has lost its checks fails the gate.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from expectations.suites import (
    assessment,
    controlled,
    controlled_judged,
    films,
    food,
    forms,
    health,
    marts,
    parts,
    rosters,
    suspicious,
    vision,
)
from expectations.suites.declare import Check

SUITES: dict[str, list[Check]] = {
    "rosters": rosters.CHECKS,
    "vision": vision.CHECKS,
    "health": health.CHECKS,
    "films": films.CHECKS,
    "food": food.CHECKS,
    "forms": forms.CHECKS,
    "suspicious": suspicious.CHECKS,
    "assessment": assessment.CHECKS,
    "parts": parts.CHECKS,
    "marts": marts.CHECKS,
    "controlled": controlled.CHECKS,
    "controlled_judged": controlled_judged.CHECKS,
}

_FOLDER = Path(__file__).resolve().parent
# The runner decides as much as the suites do what a check finds.
_RUNNER = ("dialect.py", "engine.py", "gate.py", "places.py", "tables.py", "verdict.py")


def suite_version() -> str:
    """Hash of the source of suites and runner: part of the key of a verdict."""
    digest = hashlib.sha256()
    for path in [*sorted(_FOLDER.glob("*.py")), *(_FOLDER.parent / name for name in _RUNNER)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]

"""Counties whose fate is known beforehand, so that every verdict can be seen.

- `PASSES`: every school reaches all seven resource thresholds with a margin that its pupils' number can't eat up, all county figures
  lie on the good side, every document is there. Classes are filled seven below the usual size, so that no newcomer breaks a cap.
- `ONE_SHORT`: the same, but teachers are paid a little less than civil servants (G8), and nothing else is wrong.
- `BY_ROUNDING`: the same, but backbone teachers of the primary stage are put together in a few schools, one teacher at a time, until
  the variation of L2 stands next to 0.5018: above 0.50, and printed as 0.50 (see `staffing.concentrate`).

All other counties are ordinary: most schools meet most items, some miss one, a few miss two.
"""

from __future__ import annotations

PASSES, ONE_SHORT, BY_ROUNDING = "passes", "one_short", "by_rounding"
DESIGNS = {"411323": PASSES, "411322": ONE_SHORT, "411303": BY_ROUNDING}


def design_of(county: str) -> str | None:
    """The design of a county, None for an ordinary one."""
    return DESIGNS.get(county)

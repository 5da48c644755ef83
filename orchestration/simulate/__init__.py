"""A believable region in the official layouts, and the figures that must come out of it.

Shares no code with the reading side, not even header names: what both sides must agree on are the public layouts.
"""

from orchestration.simulate.region import Summary, simulate

__all__ = ["Summary", "simulate"]

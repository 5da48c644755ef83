"""Bounds under which untrusted files are read. Imported by the child before anything heavy, so it imports nothing heavy itself."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

MIB = 1024 * 1024

# Names that say a file is not finished, or not for us: never claimed, and no reason to start a landing.
UNCLAIMED_PREFIXES = (".", "~$")
UNCLAIMED_SUFFIXES = (".part", ".tmp", ".crdownload", ".done")


@dataclass(frozen=True)
class Limits:
    """What one file may cost. The largest honest delivery, a city's roster, stays far below each of them."""

    file_bytes: int = 512 * MIB
    expanded_bytes: int = 1024 * MIB
    ratio: int = 150
    ratio_from: int = 64 * MIB
    members: int = 5_000
    columns: int = 2_000
    cells: int = 120_000_000
    seconds: float = 300.0
    address_space: int = 6 * 1024 * MIB


LIMITS = Limits()


def confine() -> None:
    """Runs first in every reading child: one thread, bounded memory, no core dumps."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    os.environ["RAYON_NUM_THREADS"] = "1"
    resource.setrlimit(resource.RLIMIT_AS, (LIMITS.address_space, LIMITS.address_space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

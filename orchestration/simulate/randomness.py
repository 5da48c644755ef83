"""Streams of random numbers that depend on the seed and on names only, never on order or clock.

Two parts of the simulator never share a stream: a change in the dirt leaves the world as it was.
"""

from __future__ import annotations

import hashlib

import numpy as np

Rng = np.random.Generator


def stream(seed: int, *labels: object) -> Rng:
    """Opens the stream of one purpose, e.g. `stream(1, "vision", "2141900001", "2024-2025-1")`."""
    digest = hashlib.blake2b("\x1f".join([str(seed), *map(str, labels)]).encode(), digest_size=32).digest()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(np.frombuffer(digest, np.uint32)))))

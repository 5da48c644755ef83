"""Releases: cutting them, keeping their chain, finding what was changed since, and clearing what no release needs."""

from expectations.gate import GateRefused
from orchestration.release.history import Release, releases
from orchestration.release.prune import prune
from orchestration.release.publish import publish, recover
from orchestration.release.verify import verify, verify_copy

__all__ = ["GateRefused", "Release", "prune", "publish", "recover", "releases", "verify", "verify_copy"]

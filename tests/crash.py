"""Kills landings with SIGKILL at chosen points; run as a script: `python crash.py <as-of> <home>:<point> …`.

One process imports everything and forks a landing for each home before any thread pool exists; each child replaces one function and dies there.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from deliveries import AS_OF, reading_inline

from orchestration.config import Home
from orchestration.ingest import claim, land, merge
from orchestration.ledger import Ledger


def die() -> None:
    """What kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(
    function: Callable[..., Any],
    *,
    call: int = 1,
    before: bool = False,
    when: Callable[..., bool] = lambda *_, **__: True,
) -> Any:
    """The function, fatal at its n-th call that `when` accepts, before or after its work."""
    seen = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        chosen = when(*args, **kwargs)
        seen += chosen
        if chosen and seen == call and before:
            die()
        result = function(*args, **kwargs)
        if chosen and seen == call:
            die()
        return result

    return wrapped


class _Digest:
    """A hash that dies in the middle of a copy."""

    def update(self, _: bytes) -> None:
        die()


def _replace(owner: Any, name: str, **how: Any) -> None:
    setattr(owner, name, _dying(getattr(owner, name), **how))


def _kind(kind: str) -> Callable[..., bool]:
    return lambda _, entries, **__: any(k == kind for k, _ in entries)


def _part_only(frame: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_bytes(b"half a file")
    die()


class _Hashlib:
    sha256 = _Digest


POINTS: dict[str, Callable[[], None]] = {
    "in the middle of a copy": lambda: setattr(claim, "hashlib", _Hashlib),
    "after the first copy": lambda: _replace(claim, "_copy"),
    "after all copies": lambda: _replace(Ledger, "append_all", before=True, when=_kind("received")),
    "after the receipts, before anything leaves the inbox": lambda: _replace(
        Ledger, "append_all", when=_kind("received")
    ),
    "after the first file left the inbox": lambda: _replace(Path, "unlink", when=lambda p, **_: "inbox" in p.parts),
    "after the second file left the inbox": lambda: _replace(
        Path, "unlink", call=2, when=lambda p, **_: "inbox" in p.parts
    ),
    "before the first landed file": lambda: setattr(land, "write_parquet", _part_only),
    "after the first landed file": lambda: _replace(land, "write_parquet"),
    "after the landed files, before the ledger": lambda: _replace(
        Ledger, "append_all", before=True, when=_kind("wave")
    ),
    "after a wave, before the next": lambda: _replace(Ledger, "append_all", when=_kind("wave")),
    "before the merge": lambda: _replace(land, "merge_base", before=True),
    "in the middle of a base file": lambda: setattr(merge, "write_parquet", _part_only),
    "after the first base file": lambda: _replace(merge, "merge_partition"),
    "after the parts table": lambda: _replace(
        merge, "write_parquet", when=lambda _, path: path.name == "parts.parquet"
    ),
    "after the merge": lambda: _replace(land, "merge_base"),
}


def main(jobs: list[str]) -> None:
    for job in jobs:
        root, _, point = job.partition("::")
        child = os.fork()
        if child == 0:
            land.WAVE_FILES = 3
            POINTS[point]()
            with reading_inline():
                land.land(Home(Path(root)), as_of=AS_OF, settle=0)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            raise SystemExit(f"the landing outlived the point: {point} ({status})")


if __name__ == "__main__":
    main(sys.argv[1:])

"""One writer at a time: an flock on a file of the home, released by the kernel however the holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.config import Home


class LockBusy(Exception):
    """Another run holds the lock; the command line ends with exit code 4."""


@contextmanager
def writer_lock(home: Home, wait: float = 0.0) -> Iterator[None]:
    """Holds the writer's lock, waiting up to `wait` seconds for it.

    Raises:
        LockBusy: another process still holds it.
    """
    home.warehouse.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockBusy(
                        "另一个任务正在运行，请稍后再试，或用 --wait 秒数 等待它结束。 (Another run holds the lock.)"
                    ) from None
                time.sleep(min(0.2, max(deadline - time.monotonic(), 0.01)))
        yield
    finally:
        os.close(descriptor)

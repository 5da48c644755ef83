"""Confined, recycled child processes that read files: whatever a file does to its reader, the landing goes on with a verdict."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as PoolTimeout
from contextlib import contextmanager
from typing import Any

from pebble import ProcessExpired, ProcessPool

from orchestration.ingest.grids import FileContent, Unreadable
from orchestration.ingest.limits import LIMITS, confine
from orchestration.ingest.readers import read_file

RECYCLE_AFTER = 1_000
WORKERS = max(os.cpu_count() or 1, 1)

# Read by the C library as a child starts: tables of many MB are copied a few times while they are read, and giving each copy
# back to the system costs more than reading it. A child lives for some files only.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**30)}

Task = tuple[str, str]
"""Path in the archive, delivered name (for its suffix)."""


@contextmanager
def reading_pool(tasks: int) -> Iterator[ProcessPool]:
    """A pool of confined children for so many tasks, started by spawn: a fork would inherit the parent's threads and key."""
    for name, value in _ALLOCATOR.items():
        os.environ.setdefault(name, value)
    pool = ProcessPool(
        max_workers=min(WORKERS, tasks),
        max_tasks=RECYCLE_AFTER,
        initializer=confine,
        context=multiprocessing.get_context("spawn"),
    )
    try:
        yield pool
        pool.close()  # type: ignore[no-untyped-call]
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def in_order(pool: ProcessPool, work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Starts all tasks at once; gives results (or the Unreadable that came instead) in the order of the tasks."""
    return _results([pool.schedule(work, args=list(task), timeout=LIMITS.seconds) for task in tasks])


def _results(futures: list[Any]) -> Iterator[Any]:
    futures.reverse()
    while futures:
        future = futures.pop()  # let go of each result as soon as it is taken
        try:
            yield future.result()
        except Unreadable as refusal:
            yield refusal
        except PoolTimeout:
            yield Unreadable(
                "too_slow",
                f"读取超过 {LIMITS.seconds:.0f} 秒，已中止，请按学校或年级拆分后报送。",
                "Reading took too long.",
            )
        except (ProcessExpired, MemoryError):
            yield Unreadable(
                "too_large",
                "读取时超出内存限制，可能在很远处误填了一个单元格或文件异常，请删除多余行列后报送。",
                "Reading exceeded its memory limit; a stray cell far away, perhaps.",
            )
        except (
            Exception
        ) as error:  # the child's own failure must not stop the landing, nor may its text (it may quote a cell) get out
            yield Unreadable(
                "unreadable",
                f"文件无法读取（{type(error).__name__}），请用 Excel 打开、另存后重新报送。",
                "Unreadable file.",
            )


def read_all(pool: ProcessPool, tasks: Iterable[Task]) -> Iterator[FileContent | Unreadable]:
    """Reads files in children."""
    return in_order(pool, read_file, tasks)

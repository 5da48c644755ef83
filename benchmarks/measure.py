"""Runs a step in its own process and reads what it cost from the operating system."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Wall seconds and peak resident memory (the largest single process) of one command, and the JSON it printed."""

    seconds: float
    peak_mib: float
    result: Any


def run(arguments: list[str], **environment: str) -> Cost:
    """Runs `python ARGUMENTS`; its standard output is read as JSON where it is JSON.

    Raises:
        RuntimeError: the command failed; a benchmark of it would measure nothing.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {' '.join(arguments)}")
    seconds = time.perf_counter() - started
    try:
        result = json.loads(output)
    except ValueError:
        result = None
    return Cost(seconds, usage.ru_maxrss / 1024, result)


def junheng(home: Path, *command: str) -> Cost:
    """Runs one command of the platform over a home, as of a day after the simulated data."""
    return run(["-m", "orchestration.cli", "--home", str(home), "--as-of", "2025-09-30", "--json", *command])


def table(title: str, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Prints an aligned table."""
    cells = [
        head,
        *[
            tuple(f"{c:,.2f}" if isinstance(c, float) else f"{c:,}" if isinstance(c, int) else str(c) for c in r)
            for r in rows
        ],
    ]
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print(
            "  "
            + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        )
    sys.stdout.flush()

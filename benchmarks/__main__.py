"""`python -m benchmarks [NAME ...]`: city (100,000 and 1,450,000 pupils), workbooks, many_files, fitness, gate, site (10,000 schools); all of them by default."""

from __future__ import annotations

import sys

from benchmarks.city import city
from benchmarks.fitness import fitness
from benchmarks.gate import gate
from benchmarks.many_files import many_files
from benchmarks.site import site
from benchmarks.workbooks import workbooks

BENCHMARKS = {
    "workbooks": workbooks,
    "many_files": many_files,
    "fitness": fitness,
    "gate": gate,
    "site": site,
    "city-small": lambda: city(100_000),
    "city": lambda: city(1_450_000),
}


def main(names: list[str]) -> int:
    """Runs the named benchmarks."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or list(BENCHMARKS):
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

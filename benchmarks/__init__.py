"""Benchmarks: `make bench`. Each prints its figures beside a floor measured in the same run, as ratios."""

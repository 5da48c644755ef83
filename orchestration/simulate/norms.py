"""The printed numbers of the 31 indicators that the simulated schools are built around and judged by."""

from __future__ import annotations

from math import ceil

RESOURCES = ("L1", "L2", "L3", "L4", "L5", "L6", "L7")
# Teachers, backbone teachers, PE and art teachers per 100 pupils; floor and sports area in m2, equipment in yuan per pupil; rooms per 100.
PRIMARY = (4.2, 1.0, 0.9, 4.5, 7.5, 2000.0, 2.3)
JUNIOR = (5.3, 1.0, 0.9, 5.8, 10.2, 2500.0, 2.4)
# One junior pupil weighs 1.1 primary ones, one senior pupil 1.2 junior ones.
WEIGHTS = (100, 110, 132)
POINT = "218"


def split(stock: int, pupils: tuple[int, int, int]) -> tuple[int, int, int]:
    """Shares of primary, junior and senior stage in a stock of a school; the highest stage present takes what is left.

    Args:
        stock: whole units of whatever is shared.
        pupils: primary, junior and senior pupils, at least one of them.
    """
    weights = [count * weight for count, weight in zip(pupils, WEIGHTS, strict=True)]
    parts = [stock * weight // sum(weights) for weight in weights]
    last = max(stage for stage in range(3) if pupils[stage])
    parts[last] = stock - sum(parts[:last])
    return parts[0], parts[1], parts[2]


def operating_norm(year: int) -> tuple[int, int, int]:
    """Yuan a year per primary, junior and senior pupil."""
    return (720, 940, 1300) if year >= 2023 else (650, 850, 1200)


def ceil_to(value: float, step: int) -> int:
    """The next multiple of `step` that is not below."""
    return step * ceil(value / step - 1e-9)

"""Canteens: their inspections in a school year, and how many of the kitchens can be seen into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School
from orchestration.simulate.terms import day

Mask = npt.NDArray[np.bool_]
ITEM_COUNT = 33
KEY_ITEMS = (5, 6, 7, 8, 15)
PASS, BASIC, FAIL = 0, 1, 2
ROUTINE, SPECIAL, UNANNOUNCED, SELF = range(4)
REQUIRED = {"A": 1, "B": 1, "C": 2, "D": 3, None: 1}


@dataclass(frozen=True)
class Habit:
    """How one county's inspectors write: item or check per row, and which words they use."""

    by_item: bool
    old_words: bool


def habit(seed: int, county: str) -> Habit:
    """The habit of a county."""
    rng = stream(seed, "inspection-habit", county)
    return Habit(bool(rng.random() < 0.5), bool(rng.random() < 0.4))


def inspections(seed: int, year: int, schools: list[School], silent: Mask) -> pl.DataFrame:
    """All inspections of a school year, a row per inspection; item results as a list (null: not looked at)."""
    rows: list[dict[str, object]] = []
    opens, closes = day(year, 9, 10), day(year + 1, 7, 5)
    for school in schools:
        if silent[school.index] or not school.canteens:
            continue
        rng = stream(seed, "inspections", year, school.code)
        licensed = rng.random() < 0.85
        named_only = rng.random() < 0.15
        for canteen in range(school.canteens):
            risk = (None, "A", "B", "C", "D")[int(rng.choice(5, p=[0.05, 0.35, 0.4, 0.14, 0.06]))]
            official = max(0, REQUIRED[risk] + int(rng.choice(4, p=[0.12, 0.58, 0.2, 0.1])) - 1)
            own = int(rng.random() < 0.25)
            days = np.sort(rng.choice(np.arange(opens, closes), official + own, replace=False))
            kinds = [int(rng.choice(3, p=[0.75, 0.15, 0.1])) for _ in range(official)] + [SELF] * own
            for when, kind in zip(days, rng.permutation(kinds) if kinds else [], strict=True):
                rows.append(
                    {
                        "school": school.index, "canteen": canteen, "on": int(when), "kind": int(kind), "risk": risk,
                        "licence": f"JY34113{school.index:06d}{canteen + 1}" if licensed else None,
                        "named_only": named_only, "county": school.county.code, **_result(rng, int(when)),
                    }
                )  # fmt: skip
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "school": pl.Int32, "canteen": pl.Int8, "on": pl.Int32, "kind": pl.Int8, "risk": pl.String, "licence": pl.String,
        "named_only": pl.Boolean, "county": pl.String, "items": pl.List(pl.Int8), "due": pl.Int32, "again": pl.Int32,
        "outcome": pl.Int8, "only_conclusion": pl.Boolean,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema).sort("county", "on", "school", "canteen")
    number = pl.int_range(1, pl.len() + 1).over("county").cast(pl.String).str.zfill(5)
    return frame.with_columns(id=pl.format("JC{}{}{}", pl.lit(str(year)), pl.col("county"), number))


def _result(rng: Rng, when: int) -> dict[str, object]:
    careless = rng.random() < 0.3
    draw = rng.random(ITEM_COUNT)
    items = np.where(draw < (0.06 if careless else 0.006), FAIL, np.where(draw < 0.08, BASIC, PASS))
    looked = np.ones(ITEM_COUNT, bool)
    if rng.random() < 0.3:
        looked = rng.random(ITEM_COUNT) < 0.5
        looked[:8] = True
    failed = bool((items[looked] == FAIL).any())
    due = when + int(rng.integers(10, 31)) if failed else None
    again = outcome = None
    if due is not None and (draw_again := rng.random()) < 0.87:
        again = due - int(rng.integers(0, 8)) if draw_again < 0.73 else due + int(rng.integers(1, 20))
        again = max(again, when + 1)
        outcome = int(rng.random() < 0.08)
    return {
        "items": [int(v) if seen else None for v, seen in zip(items, looked, strict=True)],
        "due": due, "again": again, "outcome": outcome, "only_conclusion": bool(rng.random() < 0.05),
    }  # fmt: skip


def kitchens(seed: int, year: int, schools: list[School], silent: Mask) -> pl.DataFrame:
    """Register rows of a school year: the state at the end of November, and for some schools a second row in May (`late`)."""
    rows: list[dict[str, object]] = []
    for school in schools:
        if silent[school.index] or not school.canteens:
            continue
        rng = stream(seed, "kitchens", year, school.code)
        canteens = school.canteens + int(rng.random() < 0.03)
        opened = int(rng.binomial(canteens, 0.85))
        internet = int(rng.binomial(opened, 0.6))
        for late in (False, True):
            if late and rng.random() > 0.3:
                continue
            if late:
                opened, internet = canteens, max(internet, canteens - 1)
            cameras = opened * int(rng.integers(2, 7))
            rows.append(
                {
                    "school": school.index, "county": school.county.code, "late": late, "canteens": canteens, "open": opened,
                    "internet": internet, "on": day(year + 1, 5, 20) if late else day(year, 11, 29), "cameras": cameras,
                    "online": cameras - int(rng.integers(0, 2)) if cameras else 0, "platform": int(rng.integers(0, 3)),
                    "capture": bool(rng.random() < 0.3),
                }
            )  # fmt: skip
    schema = dict.fromkeys(("school", "canteens", "open", "internet", "on", "cameras", "online"), pl.Int32)
    return pl.DataFrame(
        rows,
        schema_overrides=schema,
        schema=[*(rows[0] if rows else [*schema, "county", "late", "platform", "capture"])],
    )

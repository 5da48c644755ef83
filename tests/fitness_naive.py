"""The fitness standard a second time: slow, row by row, straight from the printed tables, sharing nothing with the SQL."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
# Column of the base table, name in the tables, how many of its units make one of theirs.
COLUMNS = {
    "vital_capacity": ("肺活量", 1), "run_50m": ("50米跑", 10), "sit_reach": ("坐位体前屈", 10), "rope": ("一分钟跳绳", 1),
    "sit_up": ("一分钟仰卧起坐", 1), "shuttle_50x8": ("50米×8往返跑", 1), "standing_jump": ("立定跳远", 1), "pull_up": ("引体向上", 1),
    "run_800m": ("800米跑", 1), "run_1000m": ("1000米跑", 1),
}  # fmt: skip
FASTER_IS_BETTER = {"run_50m", "shuttle_50x8", "run_800m", "run_1000m"}
LABELS = {"正常": "normal", "低体重": "thin", "超重": "overweight", "肥胖": "obese"}


def _table(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"fitness_{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


ROWS: dict[tuple[int, str, str], list[tuple[int, Fraction]]] = defaultdict(list)
for _r in _table("scoring"):
    if _r["better"] != "range":
        ROWS[int(_r["grade"]), _r["sex"], _r["item"]].append((int(_r["score"]), Fraction(_r["value"])))
BONUS: dict[tuple[int, str, str], list[tuple[int, Fraction]]] = defaultdict(list)
for _r in _table("bonus"):
    BONUS[int(_r["grade"]), _r["sex"], _r["item"]].append((int(_r["bonus_points"]), Fraction(_r["delta_from_100_row"])))
WEIGHTS = {(int(r["grade"]), r["sex"], r["item"]): int(r["weight_pct"]) for r in _table("weights")}
BANDS = [
    (int(r["grade"]), r["sex"], LABELS[r["label"]], int(r["score"]), Fraction(r["min_inclusive"] or -1), Fraction(r["max_inclusive"] or 999))
    for r in _table("bmi")
]  # fmt: skip


@dataclass
class Result:
    """What the standard says about one test."""

    scores: dict[str, int]
    bmi_class: str | None
    bonus: int | None
    standard: Fraction | None
    total: Fraction | None
    level: str | None
    status: str


def one_decimal(value: Fraction) -> Fraction:
    """Half up; values here are never negative."""
    return Fraction(int(value * 10 + Fraction(1, 2)), 10)


def score(item: str, grade: int, sex: str, measured: int) -> tuple[int, int] | None:
    """Score and bonus of a measured value in base units; None where the grade and sex do not do the item."""
    name, units = COLUMNS[item]
    if (grade, sex, name) not in WEIGHTS:
        return None
    value = Fraction(measured, units)
    sign = -1 if item in FASTER_IS_BETTER else 1
    points = max((s for s, at in ROWS[grade, sex, name] if sign * value >= sign * at), default=0)
    (best,) = (at for s, at in ROWS[grade, sex, name] if s == 100)
    extra = max((b for b, delta in BONUS[grade, sex, name] if sign * value >= sign * (best + delta)), default=0)
    return points, extra


def band(grade: int, sex: str, height_mm: int, weight_g: int) -> tuple[str, int]:
    """BMI class and score."""
    bmi = one_decimal(Fraction(weight_g, 1000) / Fraction(height_mm, 1000) ** 2)
    ((label, points),) = (
        (label, points) for g, s, label, points, low, high in BANDS if (g, s) == (grade, sex) and low <= bmi <= high
    )
    return label, points


def judge(grade: int, sex: str, test: Mapping[str, int | None], participation: str | None = None) -> Result:
    """One pupil's test; `sex` as the tables write it, M or F."""
    scores: dict[str, int] = {}
    bmi_class, weighted, bonus, known = None, 0, 0, 0
    if participation == "exempt":
        return Result({}, None, None, None, None, None, "exempt")
    height, weight = test.get("height_mm"), test.get("weight_g")
    if height and weight:
        bmi_class, scores["bmi"] = band(grade, sex, height, weight)
        known = WEIGHTS[grade, sex, "BMI"]
        weighted = scores["bmi"] * known
    done = 0
    for item, (name, _) in COLUMNS.items():
        measured = test.get(item)
        found = score(item, grade, sex, measured) if measured is not None else None
        if found:
            scores[item] = found[0]
            weighted += found[0] * WEIGHTS[grade, sex, name]
            bonus += found[1]
            known += WEIGHTS[grade, sex, name]
            done += 1
    if not done:
        return Result(
            scores, bmi_class, None, None, None, None, "deferred" if participation == "deferred" else "absent"
        )
    standard = Fraction(weighted, 100)
    bonus = min(bonus, 20)
    total = one_decimal(standard + bonus)
    level = next((name for name, at in (("excellent", 90), ("good", 80), ("pass", 60)) if total >= at), "fail")
    return Result(scores, bmi_class, bonus, standard, total, level, "complete" if known == 100 else "partial")

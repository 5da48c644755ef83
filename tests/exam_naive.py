"""The examination's limits a second time: row by row, straight from the printed tables, sharing nothing with the SQL."""

from __future__ import annotations

import csv
import datetime as dt
from fractions import Fraction
from pathlib import Path

SEED = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "bmi_screening.csv"
with SEED.open(encoding="utf-8", newline="") as _handle:
    LIMITS = {
        (row["sex"], Fraction(row["age_half_year"]), row["category"]): Fraction(row["threshold"])
        for row in csv.DictReader(_handle)
    }


def age(born: dt.date, on: dt.date) -> Fraction:
    """Completed half years, counted one by one: 12.5 on the day of the twenty-fifth half birthday."""
    halves, year, month = -1, born.year, born.month
    while (year, month, born.day) <= (on.year, on.month, on.day):
        halves += 1
        year, month = (year, month + 6) if month <= 6 else (year + 1, month - 6)
    return Fraction(halves, 2)


def judge(
    sex: str | None, born: dt.date | None, on: dt.date | None, height_mm: int | None, weight_g: int | None
) -> tuple[str | None, bool | None]:
    """BMI class and stunting of one examination; None where the table says nothing. `sex` as the table writes it, M or F."""
    if sex is None or born is None or on is None or not height_mm:
        return None, None
    years = age(born, on)
    if (sex, years, "obese") not in LIMITS:
        return None, None
    stunted = Fraction(height_mm, 10) <= LIMITS[sex, years, "stunting_height_cm"]
    if not weight_g:
        return None, stunted
    bmi = Fraction(int(Fraction(weight_g, 1000) / Fraction(height_mm, 1000) ** 2 * 10 + Fraction(1, 2)), 10)
    for label in ("thin_moderate_severe", "thin_mild"):
        if bmi <= LIMITS[sex, years, label]:
            return label, stunted
    for label in ("obese", "overweight"):
        if bmi >= LIMITS[sex, years, label]:
            return label, stunted
    return "normal", stunted

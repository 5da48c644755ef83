"""The assessment of 优质均衡 written out straight from the rule, school by school, sharing nothing with the models: a second opinion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

Form = Mapping[str, Any]
THRESHOLDS = {
    "primary": ("4.2", "1", "0.9", "4.5", "7.5", "2000", "2.3"),
    "junior": ("5.3", "1", "0.9", "5.8", "10.2", "2500", "2.4"),
}


def _share(stock: int, form: Form, stage: str) -> int:
    """A school's stock is split 1 : 1.1 : 1.32 by pupils; whole units, the rest to the highest stage."""
    weights = {"primary": 100, "junior": 110, "senior": 132}
    parts = {s: weights[s] * (form.get(f"pupils_{s}") or 0) for s in weights}
    present = [s for s in weights if parts[s]]
    cut = {s: stock * parts[s] // sum(parts.values()) for s in present[:-1]}
    cut[present[-1]] = stock - sum(cut.values())
    return cut[stage]


def resources(form: Form, stage: str) -> list[Fraction]:
    """L1 to L7 of one stage of a school, exactly."""
    pupils = form[f"pupils_{stage}"]
    arts = sum(form[f"{subject}_teachers_{stage}"] for subject in ("pe", "music", "art"))
    compulsory = (form.get("pupils_primary") or 0) + (form.get("pupils_junior") or 0)
    lower_stage = "primary" if form.get("pupils_primary") else "junior"
    if form["residence"] == "rural" and 50 <= compulsory <= 99 and stage == lower_stage:
        arts += form.get("visiting_teachers") or 0
    return [
        Fraction(form[f"qualified_{stage}"] * 100, pupils),
        Fraction(form[f"backbone_{stage}"] * 100, pupils),
        Fraction(arts * 100, pupils),
        Fraction(_share(form["floor_area_e2"], form, stage), 100 * pupils),
        Fraction(_share((form.get("gym_area_e2") or 0) + form["ground_area_e2"], form, stage), 100 * pupils),
        Fraction(_share(form["equipment_yuan"], form, stage), pupils),
        Fraction(_share(form["media_rooms"] * 10000, form, stage) * 100, 10000 * pupils),
    ]


def excluded(form: Form) -> str | None:
    """Why a school is not assessed."""
    pupils = (form.get("pupils_primary") or 0) + (form.get("pupils_junior") or 0)
    if form["school_type"].startswith("51"):
        return "special_school"
    return "small_teaching_point" if form["school_type"] == "218" and pupils < 50 else None


def meets_rule(values: Sequence[Fraction], stage: str) -> tuple[int, bool, bool]:
    """How many of the seven are reached, whether each is at 85 %, whether the school keeps the rule."""
    limits = [Fraction(text) for text in THRESHOLDS[stage]]
    reached = sum(v >= limit for v, limit in zip(values, limits, strict=True))
    near = all(v * 100 >= limit * 85 for v, limit in zip(values, limits, strict=True))
    return reached, near, reached >= 6 and near


def variation(schools: Sequence[tuple[int, Fraction]]) -> float:
    """Coefficient of variation of pupils and value per pupil, weighted by pupils."""
    pupils = sum(p for p, _ in schools)
    mean = sum(p * x for p, x in schools) / pupils
    square = sum(p * (x - mean) ** 2 for p, x in schools) / pupils
    return math.sqrt(square) / float(mean)


def rooms_enough(form: Form) -> bool:
    """A music and an art room for each begun dozen of classes."""
    need = -(-((form.get("classes_primary") or 0) + (form.get("classes_junior") or 0)) // 12)
    return bool(form["music_rooms"] >= need and form["art_rooms"] >= need)

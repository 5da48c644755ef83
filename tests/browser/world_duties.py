"""The world's assessment, commitments and cases: controlled tables beside the figures.

The first county fails in many ways, the second by rounding alone (0.501787 prints as 0.50), the third delivered
nothing, so every page and every empty state is certain to occur. In the public edition the tables by school are absent.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

YEAR = "2024-2025"
HOSTILE_QUOTE = '到2027年<script>alert(2)</script>"全面"&达到'
ROUNDING = (501_787_000, 1_000_000_000)


@dataclass(frozen=True)
class Unit:
    """How a value is made of its fraction, and how it is printed."""

    code: str
    zh: str
    counted: str
    scale: int = 1
    per: int = 1


@dataclass(frozen=True)
class Item:
    """An indicator of the assessment: its fraction in the first two counties."""

    code: str
    domain: str
    unit: Unit
    target: str
    operator: str
    figures: tuple[tuple[int, int] | None, tuple[int, int] | None]
    stage: str = "compulsory"


SHARE = Unit("share", "比例", "school")
DOCUMENT = Unit("share", "比例", "document")
RATIO = Unit("ratio", "系数", "county")
RESOURCES = {
    "L1": (Unit("per_100", "人/百生", "teacher", 1, 100), {"primary": "4.2", "junior": "5.3"}),
    "L2": (Unit("per_100", "人/百生", "teacher", 1, 100), {"primary": "1", "junior": "1"}),
    "L3": (Unit("per_100", "人/百生", "teacher", 1, 100), {"primary": "0.9", "junior": "0.9"}),
    "L4": (Unit("sqm", "㎡/生", "area", 100, 1), {"primary": "4.5", "junior": "5.8"}),
    "L5": (Unit("sqm", "㎡/生", "area", 100, 1), {"primary": "7.5", "junior": "10.2"}),
    "L6": (Unit("yuan", "元/生", "yuan", 1, 1), {"primary": "2000", "junior": "2500"}),
    "L7": (Unit("rooms_per_100", "间/百生", "room", 10_000, 100), {"primary": "2.3", "junior": "2.4"}),
}
LIMITS = {"primary": "0.50", "junior": "0.45"}
ITEMS = (
    *(Item(f"V{n}", "veto", DOCUMENT, "1", ">=", ((0, 1) if n == 3 else (1, 1), (1, 1))) for n in range(1, 7)),
    *(Item(f"P{n}", "precondition", DOCUMENT, "1", ">=", ((1, 1), (1, 1))) for n in (1, 2)),
    *(Item(f"G{n}", "government", DOCUMENT, "1", ">=", (None if n == 10 else (1, 1), (1, 1))) for n in (1, 2, 10)),
    *(Item(f"G{n}", "government", SHARE, "1", ">=", ((9_996, 10_000), (20, 20))) for n in (3, 4, 5, 6, 9, 12)),
    Item("G7", "government", Unit("yuan", "元/生", "pupil"), "6000", ">=", ((29_998, 5), (62_000, 10))),
    Item("G8", "government", Unit("ratio", "倍", "county"), "1", ">=", ((91_000, 88_800), (90_000, 90_000))),
    Item("G11", "government", SHARE, "0.10", ">=", ((12, 100), (11, 100))),
    Item("G11_backbone", "government", SHARE, "0.20", ">=", ((1, 12), (5, 11))),
    Item("G13", "government", SHARE, "1", ">=", ((100, 100), (100, 100)), "primary"),
    Item("G14", "government", SHARE, "0.5", ">=", ((60, 100), (51, 100)), "junior"),
    Item("G14_rural", "government", SHARE, "0", ">", ((10, 60), (9, 51)), "junior"),
    Item("G15", "government", SHARE, "0.85", ">=", ((90, 100), (86, 100))),
    Item("G15_care", "government", DOCUMENT, "1", ">=", ((1, 1), (1, 1))),
    Item("Q1", "quality", SHARE, "0.95", ">=", ((940, 1000), (960, 1000)), "junior"),
    Item("Q2", "quality", SHARE, "0.95", ">=", ((95, 100), (99, 100))),
    *(Item(f"Q{n}", "quality", DOCUMENT, "1", ">=", ((1, 1), (1, 1))) for n in (3, 5, 6, 7, 8)),
    Item("Q4", "quality", Unit("share", "比例", "yuan"), "0.05", ">=", ((4_100, 100_000), (5_200, 100_000))),
    Item("Q9", "quality", RATIO, "0.15", "<", ((1_570, 10_000), (1_400, 10_000))),
    Item("Q9_level", "quality", Unit("level", "级", "county"), "3", ">=", ((2, 1), (3, 1))),
    Item("SR", "recognition", Unit("share", "比例", "answer"), "0.85", ">=", (None, (700, 800))),
)


@dataclass(frozen=True)
class Place:
    """A school and stage of the assessment."""

    school: str
    county: int
    stage: str
    pupils: int
    excluded: str | None


def met(value: Fraction, operator: str, target: str) -> bool:
    bound = Fraction(target)
    return {">=": value >= bound, "<=": value <= bound, "<": value < bound, ">": value > bound}[operator]


def value_of(unit: Unit, n: int, d: int) -> Fraction:
    return Fraction(n * unit.per, d * unit.scale)


def _figure(
    code: str, unit: Unit, level: str, entity: str, stage: str, fraction: tuple[int, int] | None,
    target: str | None, operator: str,
) -> dict[str, Any]:  # fmt: skip
    n, d = fraction if fraction else (None, 1)
    value = value_of(unit, n, d) if n is not None else None
    status = "not_reported"
    if value is not None:
        status = "no_target" if target is None else "met" if met(value, operator, target) else "not_met"
    return {
        "indicator": code, "period": YEAR, "level": level, "entity": entity, "stage": stage, "subgroup": "all",
        "numerator": n, "denominator": d, "value": float(value) if value is not None else None, "unit": unit.code,
        "lower_95": None, "upper_95": None, "target": float(Fraction(target)) if target is not None else None,
        "target_id": f"T-{code}-{stage}" if target is not None else None, "status": status, "method": "1",
        "figure_id": f"{code}.{YEAR}.{level}.{entity}.{stage}.all", "value_text_rule": None, "rounded": False,
    }  # fmt: skip


def assessed(places: list[Any], county_of: Any) -> list[Place]:
    """Stages of the schools that the assessment looks at: primary and junior; the third county delivered nothing."""
    found = []
    for p in places:
        if p.county > 1 or county_of(p.county)[0].startswith("x"):
            continue
        for stage in p.stages:
            if stage in ("primary", "junior"):
                share = 1.0 if len(p.stages) < 3 else 0.6 if stage == "primary" else 0.4
                pupils = max(1, round(p.pupils * share))
                small = p.type == "218" and pupils < 50
                found.append(Place(p.code, p.county, stage, pupils, "small_teaching_point" if small else None))
    return found


def _stock(place: Place, i: int, code: str, index: int) -> int:
    unit, targets = RESOURCES[code]
    wave = math.sin(index * 7.13 + i * 2.71 + (place.stage == "junior"))
    value = float(Fraction(targets[place.stage])) * (1.25 + (0.38 if place.county == 0 else 0.2) * wave)
    return round(value / unit.per * place.pupils * unit.scale)


def _lacking(unit: Unit, n: int, d: int, target: str) -> int:
    missing = Fraction(target) * d / unit.per - Fraction(n, unit.scale)
    return max(0, math.ceil(missing))


def write(folder: Path, places: list[Any], county_of: Any, city: str, *, public: bool) -> None:
    """Add the assessment's figures to the tables of the world, and write the tables beside them.

    Args:
        folder: Controlled tables of the world.
        places: Its schools.
        county_of: Code and name of a county by its index.
        city: Code of the city.
        public: Leave the tables by school out.
    """
    figures, gaps, variation, rules = [], [], [], defaultdict(list)
    found = assessed(places, county_of)
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for i, (code, (unit, targets)) in enumerate(RESOURCES.items()):
        per_county: dict[tuple[int, str], list[tuple[int, int, bool]]] = defaultdict(list)
        for index, place in enumerate(found):
            if place.excluded:
                continue
            n, target = _stock(place, i, code, index), targets[place.stage]
            figures.append(_figure(code, unit, "school", place.school, place.stage, (n, place.pupils), target, ">="))
            value, line = value_of(unit, n, place.pupils), Fraction(target)
            per_county[place.county, place.stage].append((n, place.pupils, value >= line))
            rules[place].append(0 if value >= line else 1 if value >= line * Fraction(85, 100) else 2)
            if value < line * Fraction(105, 100):
                kind = "near" if value >= line else "failing" if value >= line * Fraction(85, 100) else "below_85"
                gaps.append(
                    {"period": YEAR, "county": county_of(place.county)[0], "school": place.school,
                     "stage": place.stage, "indicator": code, "value": float(value), "target": float(line),
                     "kind": kind, "lacking": _lacking(unit, n, place.pupils, target),
                     "figure_id": figures[-1]["figure_id"]}
                )  # fmt: skip
            for level, entity in (("county", county_of(place.county)[0]), ("city", city)):
                total = sums.setdefault((code, level, entity, place.stage), [0, 0])
                total[0] += n
                total[1] += place.pupils
        for (county, stage), rows in per_county.items():
            variation.append(_variation(county_of(county)[0], county, stage, code, unit, rows))
    for (code, level, entity, stage), (n, d) in sums.items():
        figures.append(_figure(code, RESOURCES[code][0], level, entity, stage, (n, d), None, ">="))
    for row in variation:
        fraction = (round(row["cv"] * 1e9), 1_000_000_000)
        figures.append(
            _figure(f"{row['indicator']}_CV", RATIO, "county", row["county"], row["stage"], fraction,
                    LIMITS[row["stage"]], "<=")
        )  # fmt: skip
    figures += [
        _figure(
            item.code, item.unit, "county", county_of(c)[0], item.stage, item.figures[c], item.target, item.operator
        )
        for item in ITEMS
        for c in (0, 1)
        if item.figures[c] is not None or item.code == "SR"
    ]
    _extend(folder / "indicator_values.parquet", figures)
    _extend(folder / "indicators.parquet", _catalogue())
    _extend(folder / "targets.parquet", _targets())
    _table(folder, "county_variation", variation)
    _table(folder, "county_verdict", _verdict(county_of, figures, rules))
    _table(folder, "commitments", _commitments(county_of, city, figures))
    _table(folder, "cases", _cases(county_of, gaps, public=public))
    _table(folder, "results_used", _results(county_of))
    _table(folder, "certification_states", _certification(county_of))
    if public:
        return
    _table(folder, "school_assessment", [_assessment(p, rules.get(p, []), county_of) for p in found])
    _table(folder, "school_gaps", gaps)
    school = next(p.school for p in found if p.county == 1 and p.stage == "primary")
    where = {"period": YEAR, "county": county_of(1)[0], "stage": "primary", "indicator": "L2"}
    _table(folder, "county_additions", [{**where, "school": school, "addition": 3.0, "county_addition": 3.0}])


def _variation(
    code: str, county: int, stage: str, indicator: str, unit: Unit, rows: list[tuple[int, int, bool]]
) -> dict[str, Any]:
    pupils = sum(d for _, d, _ in rows)
    mean = float(value_of(unit, sum(n for n, _, _ in rows), pupils))
    sd = math.sqrt(sum(d / pupils * (float(value_of(unit, n, d)) - mean) ** 2 for n, d, _ in rows))
    if (county, stage, indicator) == (1, "primary", "L2"):
        sd = mean * ROUNDING[0] / ROUNDING[1]
    limit = float(LIMITS[stage])
    return {
        "period": YEAR, "county": code, "stage": stage, "indicator": indicator, "schools": len(rows),
        "pupils": pupils, "mean": mean, "sd": sd, "cv": sd / mean, "cv_limit": limit, "cv_met": sd / mean <= limit,
        "schools_meeting": sum(ok for _, _, ok in rows),
    }  # fmt: skip


def _assessment(place: Place, grades: list[int], county_of: Any) -> dict[str, Any]:
    return {
        "period": YEAR, "county": county_of(place.county)[0], "school": place.school, "stage": place.stage,
        "pupils": place.pupils, "indicators_met": grades.count(0) if grades else None,
        "shortfall_ok": 2 not in grades if grades else None, "meets_rule": _rule(grades) if grades else None,
        "excluded_reason": place.excluded, "indicators_missing": 0 if grades else 7,
    }  # fmt: skip


def _rule(grades: list[int]) -> bool:
    return grades.count(0) >= 6 and 2 not in grades


def _verdict(county_of: Any, figures: list[dict[str, Any]], rules: dict[Place, list[int]]) -> list[dict[str, Any]]:
    by_figure = {(f["indicator"], f["entity"], f["stage"]): f["status"] for f in figures}
    gates = {"resources": list(RESOURCES)} | {
        g: [] for g in ("government", "quality", "recognition", "veto", "precondition")
    }
    for item in ITEMS:
        name = item.code.partition("_")[0]
        if name not in gates[item.domain]:
            gates[item.domain].append(name)
    rows = []
    for c in (0, 1):
        county = county_of(c)[0]
        of_gate: dict[str, str] = {}
        failing = len({p.school for p, g in rules.items() if p.county == c and not _rule(g)})
        for gate, names in gates.items():
            states = {}
            for name in names:
                own = [by_figure.get((f"{name}_CV", county, s)) for s in LIMITS] if gate == "resources" else [
                    by_figure.get((i.code, county, i.stage)) for i in ITEMS if i.code.partition("_")[0] == name
                ]  # fmt: skip
                states[name] = (
                    "not_met" if "not_met" in own else "not_reported" if None in own or "not_reported" in own else "met"
                )
            missing = {n: s for n, s in states.items() if s != "met"}
            status = "not_met" if "not_met" in missing.values() else "not_reported" if missing else "met"
            if gate == "resources" and failing:
                status = "not_met"
            of_gate[gate] = status
            rows.append(
                {"period": YEAR, "county": county, "gate": gate, "items_met": len(names) - len(missing),
                 "items_total": len(names), "met": status == "met",
                 "missing": "|".join(f"{n}={s}" for n, s in missing.items()), "status": status,
                 "schools_failing": failing if gate == "resources" else None,
                 "schools_unknown": 0 if gate == "resources" else None}
            )  # fmt: skip
        worst = next(s for s in ("not_met", "not_reported", "met") if s in of_gate.values())
        rows.append(
            {"period": YEAR, "county": county, "gate": "overall", "items_met": 20, "items_total": 31,
             "met": worst == "met", "missing": "|".join(f"{g}={s}" for g, s in sorted(of_gate.items()) if s != "met"),
             "status": worst, "schools_failing": failing, "schools_unknown": 0}
        )  # fmt: skip
    return rows


def _catalogue() -> list[dict[str, Any]]:
    entries = [(c, "resources", unit, "higher") for c, (unit, _) in RESOURCES.items()]
    entries += [(f"{c}_CV", "resources", replace(RATIO, counted="school"), "lower") for c in RESOURCES]
    entries += [(i.code, i.domain, i.unit, "lower" if i.operator == "<" else "higher") for i in ITEMS]
    return [
        {
            "code": code, "sort": 100 + n, "name_zh": f"指标{code}", "name_en": code, "domain": domain,
            "unit": unit.code, "unit_zh": unit.zh, "polarity": better, "period_type": "year", "judgement": "exact",
            "counted_unit": unit.counted, "numerator_scale": unit.scale, "per": unit.per, "part_of_duty": False,
            "numerator_zh": "分子", "denominator_zh": "分母", "source_clause": "教督〔2017〕6号", "parameters": "",
            "method_version": "1",
        }
        for n, (code, domain, unit, better) in enumerate(entries)
    ]  # fmt: skip


def _targets() -> list[dict[str, Any]]:
    rows = [(c, s, t, ">=") for c, (_, targets) in RESOURCES.items() for s, t in targets.items()]
    rows += [(f"{c}_CV", s, t, "<=") for c in RESOURCES for s, t in LIMITS.items()]
    rows += [(i.code, i.stage, i.target, i.operator) for i in ITEMS]
    return [
        {
            "target_id": f"T-{code}-{stage}", "indicator": code, "stage": stage, "jurisdiction": "000000",
            "operator": operator, "value": float(Fraction(target)), "clause": "教督〔2017〕6号", "quote_zh": None,
            "valid_from": "2017-05-09", "valid_to": "9999-12-31",
        }
        for code, stage, target, operator in rows
    ]  # fmt: skip


def _commitments(county_of: Any, city: str, figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    states = ("met", "not_met", "not_reported", "not_due", "no_target", "not_distinguishable")
    by_id = {f["figure_id"]: f for f in figures}
    rows = []
    for n in range(1, 31):
        prefix = ("NY", "NY", "HN", "QH")[n % 4]
        route = ("computed", "reported", "evidenced", "narrative")[n % 4 if n % 8 else 3]
        here = prefix != "QH"
        entities = [(city, "city")] + [(county_of(c)[0], "county") for c in range(3) if here]
        for e, (entity, level) in enumerate(entities):
            state = states[(n * 5 + e * 3) % len(states)] if here else "not_applicable"
            figure = by_id.get(f"G15.{YEAR}.county.{entity}.compulsory.all") if route == "computed" else None
            if figure is not None:
                state = figure["status"]
            shown = state in ("met", "not_met", "not_distinguishable")
            rows.append(
                {
                    "commitment": f"{prefix}-{n:03d}", "source_file": f"{prefix}.txt", "clause": f"{'一二三'[n // 11]}({n % 3})",
                    "quote": HOSTILE_QUOTE if n == 5 else f"第{n}条承诺的原文", "jurisdiction": city, "entity": entity,
                    "entity_level": level, "period": YEAR, "route": route,
                    "indicator": "G15" if figure is not None else None,
                    "value": figure["value"] if figure else 0.9137 if shown and route == "reported" else None,
                    "operator": ">=", "target": 0.85 if figure else 0.95 if n % 3 else None,
                    "threshold_source": ("seed_number", "implied", "national_rule")[n % 3], "status": state,
                    "evidence": f"宛政办〔2024〕{n}号" if shown and route == "evidenced" else None,
                    "due_on": "2027-12-31" if state == "not_due" else None,
                    "figure_id": figure["figure_id"] if figure else None,
                    "numerator": figure["numerator"] if figure else None,
                    "denominator": figure["denominator"] if figure else None,
                }
            )  # fmt: skip
    return rows


def _cases(county_of: Any, gaps: list[dict[str, Any]], *, public: bool) -> list[dict[str, Any]]:
    states = ("open", "rectifying", "reopened", "closed", "open")
    rows = []
    subjects = [(county_of(c)[0], None, "G5", 0.0004) for c in (0, 1)] + [(county_of(0)[0], None, "G7", 0.4)]
    if not public:
        subjects += [
            (g["county"], g["school"], g["indicator"], g["target"] - g["value"]) for g in gaps if g["kind"] != "near"
        ]
        subjects.append((county_of(1)[0], f"{county_of(1)[0]}0004", "L2", 0.25))
    for n, (county, school, indicator, gap) in enumerate(subjects):
        state = states[n % len(states)]
        rows.append(
            {
                "case_id": f"TZ-{n:04d}", "kind": "school_figure" if school else "county_figure", "county": county,
                "school": school, "indicator": indicator, "gap": gap, "opened_on": "2024-11-01",
                "due_on": "2025-06-30" if n % 2 else "2026-08-31", "state": state,
                "closed_on": "2025-05-06" if state == "closed" else None,
                "evidence": "宛教〔2025〕8号" if state == "closed" else None,
                "recheck_on": "2025-06-01" if state == "closed" else None, "period": YEAR, "stage": "primary",
                "figure_id": None, "measures": "补充<b>教师</b>" if state == "rectifying" else None,
                "office": "基础教育科" if state != "open" else None,
            }
        )  # fmt: skip
    return rows


def _results(county_of: Any) -> list[dict[str, Any]]:
    return [
        {"period": YEAR, "kind": "county", "county": county_of(0)[0], "school": None, "event": event,
         "happened_on": f"2025-0{n}-12", "document_no": f"宛教督〔2025〕{n}号", "case_id": f"TZ-{n:04d}"}
        for n, event in enumerate(("praise", "interview", "notice"), 1)
    ]  # fmt: skip


def _certification(county_of: Any) -> list[dict[str, Any]]:
    """Passed itself, passed by the city and asks to pass again, failed by the province; the state has not spoken."""
    words = [
        ("self", "passed", "2023-10-26", "2023-10-26"),
        ("city", "applied", "2025-01-05", "2024-04-18"),
        ("province", "failed", "2024-12-11", None),
    ]
    return [
        {"period": YEAR, "county": county_of(0)[0], "level": level, "outcome": outcome, "decided_on": day,
         "document_no": f"教督认〔{day[:4]}〕{n}号", "passed_on": passed}
        for n, (level, outcome, day, passed) in enumerate(words, 1)
    ]  # fmt: skip


def _extend(file: Path, rows: list[dict[str, Any]]) -> None:
    more = pl.DataFrame(rows, infer_schema_length=None)
    pl.concat([pl.read_parquet(file), more], how="diagonal_relaxed").write_parquet(file)


def _table(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / f"{name}.parquet")

"""A home over the six schools of `small_base`: marts, landing tables, `current.json`.

Everything is computed from one list of pupils, so an unbroken home passes the whole gate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from small_base import CITY, COMMON, FEEDS, PROVINCE, SCHOOLS, Base, base_tables, pupils_of, type_of

from expectations import verdict
from expectations.verdict import CheckResult, Verdict
from orchestration.config import Home
from orchestration.disclosure.control import control
from orchestration.warehouse.export import read_current, version_of

Tables = dict[str, pl.DataFrame]


def _finest(year: str) -> pl.DataFrame:
    rows = []
    for p in pupils_of(year):
        i = int(p["i"])
        worse = min(45 + (i + 1) % 7, 46 + i % 6)
        stage = "primary" if int(p["grade"]) < 7 else "junior"
        counted = {
            "vision_two_checks": 1,
            "poor_vision": worse < 50,
            "poor_vision_mild": worse == 49,
            "poor_vision_moderate": 46 <= worse <= 48,
            "poor_vision_severe": worse <= 45,
        }
        cells = [(c, f"{year}-{s}", n) for c, n in counted.items() for s in "12"]
        cells += [("exam_coverage", year, 1), ("fitness_coverage", year, 1)]
        rows += [
            {
                "indicator": c,
                "period": period,
                "school": p["school"],
                "stage": stage,
                "sex": p["sex"],
                "grade": str(p["grade"]),
                "n": int(n),
                "d": 1,
            }
            for c, period, n in cells
        ]
    rows += [
        {
            "indicator": "canteens_inspected",
            "period": year,
            "school": s,
            "stage": "primary" if g[0] < 7 else "junior",
            "sex": None,
            "grade": None,
            "n": 1,
            "d": 1,
        }
        for s, _, g, _ in SCHOOLS
    ]
    return pl.DataFrame(rows, schema_overrides={"sex": pl.String, "grade": pl.String})


def _figures(year: str, schools: pl.DataFrame) -> pl.DataFrame:
    finest = _finest(year)
    staged = pl.concat([finest, finest.with_columns(stage=pl.lit("compulsory"))])
    placed = staged.join(schools.select("school", "county", "residence"), on="school")
    groups = [placed.with_columns(subgroup=pl.lit("all"))]
    for name in ("sex", "grade", "residence"):
        part = placed.filter(pl.col(name).is_not_null()).with_columns(subgroup=pl.lit(f"{name}=") + pl.col(name))
        groups.append(part)
    everything = pl.concat(groups)
    levels = [
        everything.with_columns(level=pl.lit(level), entity=entity)
        for level, entity in (
            ("school", pl.col("school")),
            ("county", pl.col("county")),
            ("city", pl.lit(CITY)),
        )
    ]
    keys = ["indicator", "period", "level", "entity", "stage", "subgroup"]
    summed = pl.concat(levels).group_by(keys).agg(numerator=pl.col("n").sum(), denominator=pl.col("d").sum())
    interval = pl.col("indicator").str.starts_with("poor_vision")
    return summed.with_columns(
        value=pl.col("numerator") / pl.col("denominator"),
        unit=pl.lit("share"),
        lower_95=pl.when(interval).then(pl.col("numerator") / pl.col("denominator") * 0.9),
        upper_95=pl.when(interval).then((pl.col("numerator") / pl.col("denominator") * 1.1 + 0.01).clip(0, 1.2)),
        target=pl.when(~interval).then(1.0),
        target_id=pl.when(~interval).then(pl.lit("T1")),
        status=pl.when(interval)
        .then(pl.lit("no_target"))
        .otherwise(
            pl.when(pl.col("numerator") == pl.col("denominator")).then(pl.lit("met")).otherwise(pl.lit("not_met"))
        ),
        method=pl.lit("1"),
        figure_id=pl.concat_str(keys, separator="."),
    ).sort("figure_id")


def assessment_tables(years: tuple[str, ...]) -> Tables:
    """What is judged from forms and documents: a school that keeps its rule, a county short of one item, a commitment, a case."""
    seven = {f"l{n}": 9.9 for n in range(1, 8)}
    schools = [
        {"period": y, "county": c, "school": s, "stage": "primary", "pupils": len(g) * n, **seven, "indicators_met": 7,
         "shortfall_ok": True, "meets_rule": True, "excluded_reason": None, "indicators_missing": 0}
        for y in years for s, c, g, n in SCHOOLS
    ]  # fmt: skip
    gaps = [
        {"period": y, "county": c, "school": s, "stage": "primary", "indicator": "L2", "value": 0.8, "target": 1.0, "kind": "below_85",
         "lacking": 1, "figure_id": f"L2.{y}.school.{s}.primary.all"}
        for y in years for s, c, _, _ in SCHOOLS
    ]  # fmt: skip
    variation = [
        {"period": y, "county": c, "stage": "primary", "indicator": "L2", "schools": 3, "pupils": 154, "mean": 2.0, "sd": 0.8, "cv": 0.4,
         "cv_limit": 0.5, "cv_met": True, "schools_meeting": 3}
        for y in years for c in ("411302", "4113A1")
    ]  # fmt: skip
    additions = [
        {"period": y, "county": "411302", "stage": "primary", "indicator": "L2", "school": SCHOOLS[0][0], "addition": 1.0, "county_addition": 1.0}
        for y in years
    ]  # fmt: skip
    verdict = [
        {"period": y, "county": c, "gate": gate, "items_met": n, "items_total": m, "met": n == m, "missing": "" if n == m else "G1=not_met",
         "status": "met" if n == m else "not_met", "schools_failing": 0, "schools_unknown": 0}
        for y in years for c in ("411302", "4113A1") for gate, n, m in (("resources", 7, 7), ("government", 14, 15), ("overall", 30, 31))
    ]  # fmt: skip
    promise = {
        "source_file": "000.txt", "clause": "一", "quote": "承诺", "jurisdiction": CITY, "jurisdiction_name": "南阳市", "route": "computed",
        "operator": ">=", "threshold_source": "seed_number", "due_on": None, "asked_of": "student", "unit": "share", "compared": "level",
    }  # fmt: skip
    promises = [
        {"commitment": "NY-069", **promise, "entity": entity, "entity_level": level, "period": y, "indicator": "exam_coverage", "value": 1.0,
         "target": 1.0, "status": "met", "evidence": f"exam_coverage.{y}.{level}.{entity}.primary.all",
         "figure_id": f"exam_coverage.{y}.{level}.{entity}.primary.all", "numerator": 9, "denominator": 9}
        for y in years for entity, level in [("411302", "county"), *((s, "school") for s, *_ in SCHOOLS)]
    ]  # fmt: skip
    dates = dict.fromkeys(("closed_on", "recheck_on", "planned_on", "last_event_on", "opened_on", "due_on"))
    texts = dict.fromkeys(("evidence", "kind_stated", "gap_stated", "last_measure", "office"))
    cases = [
        {"case_id": f"fitness_coverage.{s}.{y}", "kind": "figure", "county": c, "school": s, "indicator": "fitness_coverage", "stage": "primary",
         "period": y, "last_period": y, "figure_id": f"fitness_coverage.{y}.school.{s}.primary.all", "gap": -0.1, "state": "open", "measures": 0,
         "overdue": False, **dates, **texts}
        for y in years for s, c, _, _ in SCHOOLS
    ]  # fmt: skip
    used = [
        {"case_no": "T1", "kind": "figure", "county": "411302", "school": None, "event": "notice", "happened_on": None, "document_no": "宛教〔2025〕1号",
         "case_id": None}
    ]  # fmt: skip
    states = [
        {"period": y, "county": "411302", "level": "self", "outcome": "passed", "decided_on": None, "document_no": "宛教〔2024〕2号", "passed_on": None}
        for y in years
    ]  # fmt: skip
    documents = [
        {"period": y, "county": "411302", "school": None, "indicator": "G1", "document_no": "宛教〔2024〕1号", "title": "方案",
         "issued_on": None, "finding": "done"}
        for y in years
    ]  # fmt: skip
    day, text = pl.Date, pl.String
    return {
        "certification_states": pl.DataFrame(states, schema_overrides={"decided_on": day, "passed_on": day}),
        "item_documents": pl.DataFrame(documents, schema_overrides={"school": text, "issued_on": day}),
        "school_assessment": pl.DataFrame(schools, schema_overrides={"excluded_reason": text}),
        "school_gaps": pl.DataFrame(gaps),
        "county_variation": pl.DataFrame(variation),
        "county_additions": pl.DataFrame(additions),
        "county_verdict": pl.DataFrame(verdict),
        "commitments": pl.DataFrame(promises, schema_overrides={"due_on": day}),
        "cases": pl.DataFrame(cases, schema_overrides=dict.fromkeys(dates, day) | dict.fromkeys(texts, text)),
        "results_used": pl.DataFrame(used, schema_overrides={"school": text, "case_id": text, "happened_on": day}),
    }


def mart_tables(years: tuple[str, ...], base: Base) -> Tables:
    """All inner marts and the landing tables `_parts` and `_rejected`."""
    schools = pl.concat(
        [
            pl.DataFrame(
                [
                    {
                        "period": y,
                        "school": s,
                        "school_name": f"第{s[-1]}学校",
                        "county": c,
                        "county_name": c,
                        "city": CITY,
                        "school_type": type_of(g),
                        "stage": "primary",
                        "residence": ("urban", "town")[int(s[-1]) % 2],
                        "canteens": 1,
                        "pupils": len(g) * n,
                        "boarding": False,
                        "opened_on": None,
                        "closed_on": None,
                        "merged_into": None,
                    }
                    for s, c, g, n in SCHOOLS
                ],
                schema_overrides={"opened_on": pl.Date, "closed_on": pl.Date, "merged_into": pl.String},
            )
            for y in years
        ]
    )
    areas = [
        (PROVINCE, "河南省", None, "province"),
        (CITY, "南阳市", PROVINCE, "city"),
        ("411302", "宛城区", CITY, "county"),
        ("4113A1", "官庄工区", CITY, "county"),
    ]
    catalogue = {
        "vision_two_checks": "exact",
        "poor_vision": "interval",
        "poor_vision_mild": "interval",
        "poor_vision_moderate": "interval",
        "poor_vision_severe": "interval",
        "exam_coverage": "exact",
        "fitness_coverage": "exact",
        "canteens_inspected": "exact",
    }
    parts = [
        {
            "delivery_id": f"D-{feed}-{period}",
            "part": 1,
            "file_sha256": t["file_sha256"][0],
            "file_name": "a.csv",
            "member": None,
            "sheet": "Sheet1",
            "feed": feed,
            "school": None,
            "period": period,
            "state": "loaded",
            "rows_read": t.height + 2,
            "rows_accepted": t.height,
            "rows_rejected": 1,
            "rows_not_data": 1,
            "reason": None,
        }
        for (feed, period), t in base.items()
    ]
    rejected = [
        {
            "delivery_id": p["delivery_id"],
            "file_sha256": p["file_sha256"],
            "member": None,
            "sheet": "Sheet1",
            "part": 1,
            "row_number": 1,
            "column_name": "性别",
            "rule": "bad_code",
            "reason_zh": "性别无法识别",
            "reason_en": "bad sex",
        }
        for p in parts
    ]
    coverage = [
        {
            "feed": feed,
            "period": period,
            "county": c,
            "schools_expected": 3,
            "schools_received": 3,
            "rows_accepted": 100,
            "rows_rejected": 1,
            "rows_unlinked": 0,
        }
        for feed, period in base
        for c in ("411302", "4113A1")
    ]
    text = {"member": pl.String, "school": pl.String, "reason": pl.String}
    landed = pl.DataFrame(parts, schema_overrides=text)
    return {
        "indicator_values": pl.concat([_figures(y, schools.filter(pl.col("period") == y)) for y in years]),
        "schools": schools,
        "areas": pl.DataFrame([{"area": a, "name": n, "parent": p, "level": v, "kind": v} for a, n, p, v in areas]),
        "indicators": pl.DataFrame(
            [
                {
                    "code": c,
                    "name_zh": c,
                    "levels": "school|county|city",
                    "stages": "primary|junior|compulsory",
                    "subgroups": "all|residence" if c.startswith("canteen") else "all|sex|grade|residence",
                    "numerator_scale": 1,
                    "per": 1,
                    "whole_area": False,
                    "domain": "food" if c.startswith("canteen") else "health",
                    "unit": "share",
                    "judgement": j,
                    "counted_unit": "canteen" if c.startswith("canteen") else "pupil",
                    "feeds": _feed(c),
                }
                for c, j in catalogue.items()
            ]
        ),
        "targets": pl.DataFrame([{"target_id": "T1", "indicator": "exam_coverage", "operator": ">=", "value": 1.0}]),
        "coverage": pl.DataFrame(coverage),
        "delivery_parts": landed,
        "rejected_rows": pl.DataFrame(rejected, schema_overrides={"member": pl.String}),
        "_parts": landed,
    } | assessment_tables(years)


def _feed(indicator: str) -> str:
    starts = {"canteen": "food_inspection", "exam": "physical_exam", "fitness": "fitness_test"}
    return next((feed for start, feed in starts.items() if indicator.startswith(start)), "vision_check|student_roster")


def build(
    root: Path,
    years: tuple[str, ...] = ("2024-2025",),
    *,
    change_base: Callable[[Base], None] | None = None,
    change_marts: Callable[[Tables], None] | None = None,
) -> Home:
    """Writes a home whose `current.json` names the built version; the callables may break tables before they are written."""
    home = Home(root).create()
    base = {key: table for year in years for key, table in base_tables(year).items()}
    marts = mart_tables(years, base)
    if change_base:
        change_base(base)
    if change_marts:
        change_marts(marts)
    for feed, columns in FEEDS.items():
        (home.base / feed).mkdir(parents=True, exist_ok=True)
        empty = pl.DataFrame(schema=pl.Schema({**COMMON, **columns}))
        empty.write_parquet(home.base / feed / "_schema.parquet")
    for (feed, period), table in base.items():
        table.write_parquet(home.base / feed / f"{period}.parquet")
    (home.base / "_parts").mkdir(exist_ok=True)
    marts.pop("_parts").write_parquet(home.base / "_parts" / "parts.parquet")
    write_version(home, marts)
    return home


def write_version(home: Home, marts: Tables) -> str:
    """Writes marts as a data version named by content and makes it the built one."""
    fresh = home.marts / ".building"
    fresh.mkdir()
    for name, table in marts.items():
        table.write_parquet(fresh / f"{name}.parquet")
    version = version_of(fresh)
    fresh.rename(home.marts / version)
    content = {"built": version, "released": read_current(home).get("released", {})}
    home.current.write_text(json.dumps(content), encoding="utf-8")
    return version


def built(home: Home) -> str:
    """The built data version."""
    return str(read_current(home)["built"])


def result(check: str, period: str, outcome: Any = "failed", **fields: Any) -> CheckResult:
    """What one check found, with the texts every result needs."""
    texts = {"zh": "身高在范围内", "en": "Heights are in range", "reason": "why"}
    base = {"suite": "health", "table": check.partition(".")[0], "severity": "error", "rows": 100, "unexpected": 3}
    return CheckResult(check=check, period=period, result=outcome, **{**base, **texts, **fields})


def judged(home: Home, years: Sequence[str], results: Sequence[CheckResult]) -> Verdict:
    """The built version under disclosure control with a verdict as the gate would leave it, without running the suites."""
    version = built(home)
    control(home, version)
    found = replace(verdict.make(verdict.current_key(home, version), years, results), judged=tuple(years))
    verdict.save(home, found)
    return found

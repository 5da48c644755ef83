"""A region of six schools with base tables and marts, small enough to break one thing at a time.

Everything is computed from one list of pupils, so an unbroken home passes the whole gate.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from orchestration.config import Home

VERSION = "v1"
CITY, PROVINCE = "411300", "410000"
# school, county, grades, pupils per grade
SCHOOLS = (
    ("2141000001", "411302", (1, 2), 40),
    ("2141000002", "411302", (1, 2), 30),
    ("2141000003", "411302", (1, 2), 7),
    ("2141000004", "411303", (1, 7), 24),
    ("2141000005", "411303", (7,), 40),
    ("2141000006", "411303", (7, 8), 12),
)
PUPIL = {"pupil_xjh": pl.Binary, "pupil_id": pl.Binary, "pupil_no": pl.Binary, "pupil_num": pl.Binary,
         "sex": pl.String, "grade": pl.Int32, "class_no": pl.String}  # fmt: skip
COMMON = {"delivery_id": pl.String, "file_sha256": pl.String, "member": pl.String, "sheet": pl.String, "part": pl.Int32,
          "row_number": pl.Int32, "version": pl.Int32, "payload_date": pl.Date, "receipt": pl.Int64,
          "replace_scope": pl.Boolean, "period": pl.String, "school_year": pl.String, "school": pl.String,
          "layout": pl.String}  # fmt: skip
_INT, _TEXT, _DATE, _FLAG = pl.Int32, pl.String, pl.Date, pl.Boolean


def _typed(kind: type[pl.DataType] | pl.DataType, names: str) -> dict[str, object]:
    return {name: kind for name in names.split()}


FEEDS: dict[str, dict[str, object]] = {
    "school_register": {**_typed(_TEXT, "school_name county county_name school_type residence merged_into"),
                        **_typed(_INT, "canteens"), **_typed(_DATE, "opened_on closed_on snapshot_on")},
    "student_roster": {**PUPIL, **_typed(_TEXT, "ethnicity status"), **_typed(_FLAG, "boarding migrant"),
                       **_typed(_DATE, "birth_date entered_on left_on snapshot_on")},
    "class_roster": {**_typed(_INT, "grade pupils"), **_typed(_TEXT, "class_no"), **_typed(_DATE, "snapshot_on")},
    "vision_check": {**PUPIL, **_typed(_DATE, "check_date"), **_typed(_TEXT, "glasses va_notation"),
                     **_typed(_INT, "round va_right va_left sphere_right sphere_left cylinder_right cylinder_left"
                                    " axis_right axis_left")},
    "physical_exam": {**PUPIL, **_typed(_DATE, "exam_date"), **_typed(_FLAG, "examined"),
                      **_typed(_INT, "height_mm weight_g systolic diastolic")},
    "fitness_test": {**PUPIL, **_typed(_DATE, "test_date"), **_typed(_TEXT, "participation"),
                     **_typed(_INT, "height_mm weight_g vital_capacity run_50m sit_reach rope sit_up pull_up"
                                    " shuttle_50x8 run_800m run_1000m standing_jump")},
    "film_screening": {**_typed(_TEXT, "title class_no"), **_typed(_DATE, "shown_on"),
                       **_typed(_INT, "grade expected attended")},
    "food_inspection": {**_typed(_TEXT, "inspection_id inspection_type risk_grade result conclusion"),
                        **_typed(_DATE, "inspected_on due_on rechecked_on"), **_typed(_INT, "item")},
    "kitchen_register": {**_typed(_DATE, "counted_on"),
                         **_typed(_INT, "canteens open_kitchens internet_kitchens cameras cameras_online")},
}  # fmt: skip

Tables = dict[str, pl.DataFrame]


def _token(kind: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind}{text}".encode(), digest_size=16).digest()


def _base(feed: str, period: str, records: list[dict[str, object]]) -> pl.DataFrame:
    common = {"delivery_id": f"D-{feed}-{period}", "file_sha256": hashlib.sha256(f"{feed}{period}".encode()).hexdigest(),
              "member": None, "sheet": "Sheet1", "part": 1, "version": 0, "payload_date": dt.date(int(period[:4]), 11, 1),
              "receipt": 1, "replace_scope": False, "period": period, "school_year": period[:9],
              "layout": "national"}  # fmt: skip
    rows = [{**common, "row_number": i + 2, **record} for i, record in enumerate(records)]
    return pl.DataFrame(rows, schema={**COMMON, **FEEDS[feed]}, orient="row")  # type: ignore[dict-item]


def _pupils(year: str) -> list[dict[str, object]]:
    found = []
    for school, _, grades, size in SCHOOLS:
        for grade in grades:
            for i in range(size):
                key = f"{year}{school}{grade}{i}"
                found.append({"school": school, "grade": grade, "class_no": "1", "sex": ("female", "male")[i % 2], "i": i,
                              "pupil_xjh": _token("x", key), "pupil_id": None, "pupil_no": _token("n", key),
                              "pupil_num": _token("m", str(i))})  # fmt: skip
    return found


def base_tables(year: str) -> dict[tuple[str, str], pl.DataFrame]:
    """All base partitions of a school year."""
    first = int(year[:4])
    pupils = _pupils(year)
    keys = [{k: v for k, v in p.items() if k != "i"} for p in pupils]
    found: dict[tuple[str, str], pl.DataFrame] = {}
    for semester in ("1", "2"):
        period = f"{year}-{semester}"
        start = dt.date(first, 10, 8) if semester == "1" else dt.date(first + 1, 3, 4)
        found["student_roster", period] = _base(
            "student_roster", period, [{**k, "status": "在读"} for k in keys]
        )
        checks = [
            {**k, "check_date": start + dt.timedelta(days=40 * r), "round": r + 1, "va_right": 45 + (p["i"] + r) % 7,
             "va_left": 46 + p["i"] % 6, "glasses": "none"}  # type: ignore[operator]
            for r in range(2) for p, k in zip(pupils, keys, strict=True)
        ]  # fmt: skip
        found["vision_check", period] = _base("vision_check", period, checks)
    exams = [{**k, "exam_date": dt.date(first, 11, 2), "examined": True, "height_mm": 1300, "weight_g": 30000,
              "systolic": 100, "diastolic": 60} for k in keys]  # fmt: skip
    tests = [{**k, "test_date": dt.date(first, 11, 3), "participation": "tested", "rope": 90} for k in keys]
    found["physical_exam", year] = _base("physical_exam", year, exams)
    found["fitness_test", year] = _base("fitness_test", year, tests)
    register = [{"school": s, "school_name": f"第{s[-1]}学校", "county": c, "county_name": c, "school_type": "211",
                 "residence": ("urban", "town")[int(s[-1]) % 2], "canteens": 1} for s, c, _, _ in SCHOOLS]  # fmt: skip
    found["school_register", year] = _base("school_register", year, register)
    food = [{"school": s, "inspection_id": f"I{s}", "item": 0, "inspected_on": dt.date(first, 10, 20), "conclusion": "pass",
             "inspection_type": "routine", "risk_grade": "B"} for s, *_ in SCHOOLS]  # fmt: skip
    found["food_inspection", year] = _base("food_inspection", year, food)
    return found


def _finest(year: str) -> pl.DataFrame:
    rows = []
    for p in _pupils(year):
        i = int(p["i"])  # type: ignore[call-overload]
        worse = min(45 + (i + 1) % 7, 46 + i % 6)
        stage = "primary" if int(p["grade"]) < 7 else "junior"  # type: ignore[call-overload]
        counted = {"vision_two_checks": 1, "poor_vision": worse < 50, "poor_vision_mild": worse == 49,
                   "poor_vision_moderate": 46 <= worse <= 48, "poor_vision_severe": worse <= 45}  # fmt: skip
        cells = [(c, f"{year}-{s}", n) for c, n in counted.items() for s in "12"]
        cells += [("exam_coverage", year, 1), ("fitness_coverage", year, 1)]
        rows += [{"indicator": c, "period": period, "school": p["school"], "stage": stage, "sex": p["sex"],
                  "grade": str(p["grade"]), "n": int(n), "d": 1} for c, period, n in cells]  # fmt: skip
    rows += [{"indicator": "canteens_inspected", "period": year, "school": s, "stage": "primary" if g[0] < 7 else "junior",
              "sex": None, "grade": None, "n": 1, "d": 1} for s, _, g, _ in SCHOOLS]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"sex": pl.String, "grade": pl.String})


def _figures(year: str, schools: pl.DataFrame) -> pl.DataFrame:
    finest = _finest(year)
    staged = pl.concat([finest, finest.with_columns(stage=pl.lit("compulsory"))])
    placed = staged.join(schools.select("school", "county", "residence"), on="school")
    groups = [placed.with_columns(subgroup=pl.lit("all"))]
    for name in ("sex", "grade", "residence"):
        part = placed.filter(pl.col(name).is_not_null()).with_columns(
            subgroup=pl.lit(f"{name}=") + pl.col(name)
        )
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
        status=pl.when(interval).then(pl.lit("no_target")).otherwise(
            pl.when(pl.col("numerator") == pl.col("denominator")).then(pl.lit("met")).otherwise(pl.lit("not_met"))),
        method=pl.lit("1"),
        figure_id=pl.concat_str(keys, separator="."),
    ).sort("figure_id")  # fmt: skip


def mart_tables(years: tuple[str, ...], base: dict[tuple[str, str], pl.DataFrame]) -> Tables:
    """All inner marts and the landing tables `_parts` and `_rejected`."""
    schools = pl.concat([
        pl.DataFrame([{"period": y, "school": s, "school_name": f"第{s[-1]}学校", "county": c, "county_name": c, "city": CITY,
                       "school_type": "211", "residence": ("urban", "town")[int(s[-1]) % 2], "canteens": 1,
                       "pupils": len(g) * n, "boarding": False, "opened_on": None, "closed_on": None, "merged_into": None}
                      for s, c, g, n in SCHOOLS],
                     schema_overrides={"opened_on": pl.Date, "closed_on": pl.Date, "merged_into": pl.String}) for y in years
    ])  # fmt: skip
    areas = [(PROVINCE, "河南省", None, "province"), (CITY, "南阳市", PROVINCE, "city"), ("411302", "宛城区", CITY, "county"),
             ("411303", "卧龙区", CITY, "county")]  # fmt: skip
    catalogue = {"vision_two_checks": "exact", "poor_vision": "interval", "poor_vision_mild": "interval",
                 "poor_vision_moderate": "interval", "poor_vision_severe": "interval", "exam_coverage": "exact",
                 "fitness_coverage": "exact", "canteens_inspected": "exact"}  # fmt: skip
    parts = [{"delivery_id": f"D-{feed}-{period}", "part": 1, "file_sha256": t["file_sha256"][0], "file_name": "a.csv",
              "member": None, "sheet": "Sheet1", "feed": feed, "school": None, "period": period, "state": "loaded",
              "rows_read": t.height + 2, "rows_accepted": t.height, "rows_rejected": 1, "rows_not_data": 1, "reason": None}
             for (feed, period), t in base.items()]  # fmt: skip
    rejected = [{"delivery_id": p["delivery_id"], "file_sha256": p["file_sha256"], "member": None, "sheet": "Sheet1",
                 "row_number": 1, "column_name": "性别", "rule": "bad_code", "reason_zh": "性别无法识别", "reason_en": "bad sex"}
                for p in parts]  # fmt: skip
    coverage = [{"feed": feed, "period": period, "county": c, "schools_expected": 3, "schools_received": 3,
                 "rows_accepted": 100, "rows_rejected": 1}
                for feed, period in base for c in ("411302", "411303")]  # fmt: skip
    text = {"member": pl.String, "school": pl.String, "reason": pl.String}
    landed = pl.DataFrame(parts, schema_overrides=text)
    return {
        "indicator_values": pl.concat([_figures(y, schools.filter(pl.col("period") == y)) for y in years]),
        "schools": schools,
        "areas": pl.DataFrame([{"area": a, "name": n, "parent": p, "level": v, "kind": v} for a, n, p, v in areas]),
        "indicators": pl.DataFrame([{"code": c, "name_zh": c, "unit": "share", "judgement": j,
                                     "counted_unit": "canteen" if c.startswith("canteen") else "pupil"}
                                    for c, j in catalogue.items()]),
        "targets": pl.DataFrame([{"target_id": "T1", "indicator": "exam_coverage", "operator": ">=", "value": 1.0}]),
        "coverage": pl.DataFrame(coverage),
        "delivery_parts": landed.drop("part"),
        "rejected_rows": pl.DataFrame(rejected, schema_overrides={"member": pl.String}),
        "_parts": landed,
    }  # fmt: skip


def build(
    root: Path,
    years: tuple[str, ...] = ("2024-2025",),
    *,
    change_base: Callable[[dict[tuple[str, str], pl.DataFrame]], None] | None = None,
    change_marts: Callable[[Tables], None] | None = None,
    version: str = VERSION,
) -> Home:
    """Writes a home; the two callables may break base tables or marts before they are written."""
    home = Home(root).create()
    base = {key: table for year in years for key, table in base_tables(year).items()}
    marts = mart_tables(years, base)
    if change_base:
        change_base(base)
    if change_marts:
        change_marts(marts)
    for feed, columns in FEEDS.items():
        (home.base / feed).mkdir(parents=True, exist_ok=True)
        empty = pl.DataFrame(schema={**COMMON, **columns})  # type: ignore[dict-item]
        empty.write_parquet(home.base / feed / "_schema.parquet")
    for (feed, period), table in base.items():
        table.write_parquet(home.base / feed / f"{period}.parquet")
    (home.base / "_parts").mkdir(exist_ok=True)
    marts.pop("_parts").write_parquet(home.base / "_parts" / "parts.parquet")
    (home.marts / version).mkdir(parents=True)
    for name, table in marts.items():
        table.write_parquet(home.marts / version / f"{name}.parquet")
    return home

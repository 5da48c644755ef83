"""Base tables of a region of six schools, small enough to break one thing at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import polars as pl

from expectations.contract import FEED_ORDER, load_contract
from orchestration.ingest.normalise import base_schema

CITY, PROVINCE = "411300", "410000"
# school, county, grades, pupils per grade
SCHOOLS = (
    ("2141000001", "411302", (1, 2), 40),
    ("2141000002", "411302", (1, 2), 30),
    ("2141000003", "411302", (1, 2), 7),
    ("2141000004", "4113A1", (1, 7), 24),
    ("2141000005", "4113A1", (7,), 40),
    ("2141000006", "4113A1", (7, 8), 12),
)
PUPIL = {
    "pupil_xjh": pl.Binary,
    "pupil_id": pl.Binary,
    "pupil_no": pl.Binary,
    "pupil_num": pl.Binary,
    "sex": pl.String,
    "grade": pl.Int32,
    "class_no": pl.String,
}
COMMON = {
    "delivery_id": pl.String,
    "file_sha256": pl.String,
    "member": pl.String,
    "sheet": pl.String,
    "part": pl.Int32,
    "row_number": pl.Int32,
    "version": pl.Int32,
    "payload_date": pl.Date,
    "receipt": pl.Int64,
    "replace_scope": pl.Boolean,
    "period": pl.String,
    "school_year": pl.String,
    "school": pl.String,
    "layout": pl.String,
}
_INT, _TEXT, _DATE, _FLAG = pl.Int32, pl.String, pl.Date, pl.Boolean


def _typed(kind: type[pl.DataType] | pl.DataType, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), kind)


FEEDS: dict[str, dict[str, Any]] = {
    "school_register": {
        **_typed(_TEXT, "school_name county county_name school_type residence merged_into"),
        **_typed(_INT, "canteens"),
        **_typed(_DATE, "opened_on closed_on snapshot_on"),
    },
    "student_roster": {
        **PUPIL,
        **_typed(_TEXT, "ethnicity status"),
        **_typed(_FLAG, "boarding migrant"),
        **_typed(_DATE, "birth_date entered_on left_on snapshot_on"),
    },
    "class_roster": {
        **_typed(_INT, "grade pupils"),
        **_typed(_TEXT, "class_no"),
        **_typed(_DATE, "snapshot_on"),
    },
    "vision_check": {
        **PUPIL,
        **_typed(_DATE, "check_date"),
        **_typed(_TEXT, "glasses va_notation"),
        **_typed(
            _INT,
            "round va_right va_left sphere_right sphere_left cylinder_right cylinder_left axis_right axis_left",
        ),
    },
    "physical_exam": {
        **PUPIL,
        **_typed(_DATE, "exam_date"),
        **_typed(_FLAG, "examined"),
        **_typed(_INT, "height_mm weight_g systolic diastolic"),
    },
    "fitness_test": {
        **PUPIL,
        **_typed(_DATE, "test_date"),
        **_typed(_TEXT, "participation"),
        **_typed(
            _INT,
            "height_mm weight_g vital_capacity run_50m sit_reach rope sit_up pull_up"
            " shuttle_50x8 run_800m run_1000m standing_jump",
        ),
    },
    "film_screening": {
        **_typed(_TEXT, "title class_no place"),
        **_typed(_DATE, "shown_on"),
        **_typed(_INT, "grade expected attended"),
    },
    "food_inspection": {
        **_typed(_TEXT, "inspection_id inspection_type risk_grade result conclusion"),
        **_typed(_DATE, "inspected_on due_on rechecked_on"),
        **_typed(_INT, "item"),
    },
    "kitchen_register": {
        **_typed(_DATE, "counted_on"),
        **_typed(_INT, "canteens open_kitchens internet_kitchens cameras cameras_online"),
    },
}

# The feeds of forms and documents as their contracts declare them.
for _feed in FEED_ORDER:
    if _feed not in FEEDS:
        _schema = base_schema(load_contract(_feed))
        FEEDS[_feed] = {name: kind for name, kind in _schema.items() if name not in COMMON}

Base = dict[tuple[str, str], pl.DataFrame]
Record = dict[str, Any]


def _token(kind: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind}{text}".encode(), digest_size=16).digest()


def _base(feed: str, period: str, records: list[Record]) -> pl.DataFrame:
    common = {
        "delivery_id": f"D-{feed}-{period}",
        "file_sha256": hashlib.sha256(f"{feed}{period}".encode()).hexdigest(),
        "member": None,
        "sheet": "Sheet1",
        "part": 1,
        "version": 0,
        "payload_date": dt.date(int(period[:4]), 11, 1),
        "receipt": 1,
        "replace_scope": False,
        "period": period,
        "school_year": period[:9],
        "layout": "national",
    }
    rows = [{**common, "row_number": i + 2, **record} for i, record in enumerate(records)]
    return pl.DataFrame(rows, schema={**COMMON, **FEEDS[feed]}, orient="row")


def type_of(grades: tuple[int, ...]) -> str:
    """A primary school, or a nine-year one where there are junior grades."""
    return "211" if max(grades) < 7 else "312"


def pupils_of(year: str) -> list[Record]:
    found = []
    for school, _, grades, size in SCHOOLS:
        for grade in grades:
            for i in range(size):
                key = f"{year}{school}{grade}{i}"
                found.append(
                    {
                        "school": school,
                        "grade": grade,
                        "class_no": "1",
                        "sex": ("female", "male")[i % 2],
                        "i": i,
                        "pupil_xjh": _token("x", key),
                        "pupil_id": None,
                        "pupil_no": _token("n", key),
                        "pupil_num": _token("m", str(i)),
                    }
                )
    return found


def base_tables(year: str) -> Base:
    """All base partitions of a school year."""
    first = int(year[:4])
    pupils = pupils_of(year)
    keys = [{k: v for k, v in p.items() if k != "i"} for p in pupils]
    found: Base = {}
    for semester in ("1", "2"):
        period = f"{year}-{semester}"
        start = dt.date(first, 10, 8) if semester == "1" else dt.date(first + 1, 3, 4)
        found["student_roster", period] = _base("student_roster", period, [{**k, "status": "在读"} for k in keys])
        checks = [
            {
                **k,
                "check_date": start + dt.timedelta(days=40 * r),
                "round": r + 1,
                "va_right": 45 + (p["i"] + r) % 7,
                "va_left": 46 + p["i"] % 6,
                "glasses": "none",
            }
            for r in range(2)
            for p, k in zip(pupils, keys, strict=True)
        ]
        found["vision_check", period] = _base("vision_check", period, checks)
    exams = [
        {
            **k,
            "exam_date": dt.date(first, 11, 2),
            "examined": True,
            "height_mm": 1301 + 3 * p["i"],
            "weight_g": 30000 + 100 * p["i"],
            "systolic": 100 + p["i"] % 20,
            "diastolic": 60,
        }
        for p, k in zip(pupils, keys, strict=True)
    ]
    tests = [
        {
            **k,
            "test_date": dt.date(first, 11, 3),
            "participation": "tested",
            "rope" if p["grade"] < 7 else "standing_jump": 90 + p["i"],
        }
        for p, k in zip(pupils, keys, strict=True)
    ]
    found["physical_exam", year] = _base("physical_exam", year, exams)
    found["fitness_test", year] = _base("fitness_test", year, tests)
    register = [
        {
            "school": s,
            "school_name": f"第{s[-1]}学校",
            "county": c,
            "county_name": c,
            "school_type": type_of(g),
            "residence": ("urban", "town")[int(s[-1]) % 2],
            "canteens": 1,
        }
        for s, c, g, _ in SCHOOLS
    ]
    found["school_register", year] = _base("school_register", year, register)
    food = [
        {
            "school": s,
            "inspection_id": f"I{s}",
            "item": 0,
            "inspected_on": dt.date(first, 10, 20),
            "conclusion": "pass",
            "inspection_type": "routine",
            "risk_grade": "B",
        }
        for s, *_ in SCHOOLS
    ]
    found["food_inspection", year] = _base("food_inspection", year, food)
    forms = [
        {
            "school": s,
            "pupils_primary": len(g) * n,
            "classes_primary": len(g),
            "largest_class_primary": n,
            "backbone_primary": 2,
        }
        for s, _, g, n in SCHOOLS
    ]
    found["school_form", year] = _base("school_form", year, forms)
    counties = [{"county": c, "special_pupils": 10} for c in ("411302", "4113A1")]
    found["county_form", year] = _base("county_form", year, counties)
    return found

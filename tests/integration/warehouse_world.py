"""A small invented region whose figures can be counted by hand: three schools, two semesters, every feed."""

from __future__ import annotations

import datetime as dt

from integration.base_fixtures import Row, delivery, token

A, B, C = "2141900001", "3141900002", "2141900003"  # C closes in November and goes into A
UNKNOWN = "2141999999"
YEAR, AUTUMN, SPRING = "2024-2025", "2024-2025-1", "2024-2025-2"


def day(text: str) -> dt.date:
    """2024-10-15 as a date."""
    return dt.date.fromisoformat(text)


def pupil(name: str, key: str, school: str | None = None) -> Row:
    """The tokens of an invented pupil."""
    row: Row = {"pupil_xjh": token(f"xjh {name}", key), "pupil_id": token(f"id {name}", key)}
    if school:
        row |= {"pupil_no": token(f"no {school} {name}", key), "pupil_num": token(f"num {name}", key)}
    return row


def register(key: str = "one") -> list[Row]:
    """Two schools that stay and one that is merged."""
    del key
    common = {"period": YEAR, "residence": "urban", "snapshot_on": day("2024-10-01"), "opened_on": day("1990-09-01")}
    return delivery(
        1,
        [
            {"school": A, "school_name": "甲小学", "county": "411321", "school_type": "211", "canteens": 2},
            {"school": B, "school_name": "乙中学", "county": "4113A1", "county_name": "官庄工区", "school_type": "311", "canteens": 1},
            {
                "school": C, "school_name": "丙教学点", "former_names": "丙小学、老丙小学", "county": "411321", "school_type": "218",
                "canteens": 1, "closed_on": day("2024-11-30"), "merged_into": A,
            },
        ],
        **common,
    )  # fmt: skip


def roster(key: str = "one") -> list[Row]:
    """Twelve pupils at A, twelve at B, two at C; one transfer, one late comer, one suspended."""
    rows: list[Row] = []
    for period, number, snapshot in ((AUTUMN, 10, "2024-10-01"), (SPRING, 20, "2025-03-10")):
        batch: list[Row] = []
        for i in range(12):
            sex = "female" if i % 2 else "male"
            for school, grade, name in ((A, 1 + i % 3, f"a{i}"), (B, 7 + i % 3, f"b{i}")):
                person = pupil(name, key, school)
                batch.append(
                    {
                        "school": school, "grade": grade, "sex": sex, "class_no": "1", "status": "休学" if name == "b11" else "在读",
                        "birth_date": day("2015-05-05"), "entered_on": day("2024-12-02") if name == "a11" else day("2022-09-01"),
                        **person,
                    }
                )  # fmt: skip
        for i in range(2):
            batch.append(
                {
                    "school": C, "grade": 2, "sex": "male", "class_no": "1", "status": "在读", "birth_date": day("2016-05-05"),
                    "entered_on": day("2022-09-01"), **pupil(f"c{i}", key, C),
                }
            )  # fmt: skip
        if period == AUTUMN:
            rows += delivery(number, batch, period=period, payload_date=day(snapshot), snapshot_on=day(snapshot))
        else:
            rows += delivery(
                number,
                [r for r in batch if r["school"] != C],
                period=period,
                payload_date=day(snapshot),
                snapshot_on=day(snapshot),
            )
    return rows


def vision(key: str = "one") -> list[Row]:
    """Two checks at A in autumn; B checks once; b0 is known by ID alone; one child nobody knows; one unknown school."""
    rows: list[Row] = []
    for number, on in ((30, "2024-10-10"), (31, "2024-12-10")):
        batch = [
            {
                "school": A,
                "va_right": 50,
                "va_left": 49 if i < 4 else 50,
                "sphere_right": -100,
                "sphere_left": -75 if i < 4 else 0,
            }
            | pupil(f"a{i}", key)
            for i in range(12)
            if not (i == 10 and number == 31)
        ]
        rows += delivery(number, batch, period=AUTUMN, check_date=day(on), payload_date=day(on))
    at_b: list[Row] = [{"school": B, "va_right": 45, "va_left": 48} | pupil(f"b{i}", key) for i in range(1, 12)]
    at_b.append({"school": B, "va_right": 50, "va_left": 50, "pupil_id": token("id b0", key)})
    at_b.append({"school": B, "va_right": 50, "va_left": 50, "pupil_xjh": token("xjh nobody", key)})
    at_b.append({"school": UNKNOWN, "va_right": 50, "va_left": 50} | pupil("a1", key))
    rows += delivery(32, at_b, period=AUTUMN, check_date=day("2024-11-05"), payload_date=day("2024-11-05"))
    return rows


def correction(key: str = "one") -> list[Row]:
    """B sends two rows again, one with a better eye and a blank, one with a second date."""
    return delivery(
        40,
        [
            {"school": B, "check_date": day("2024-11-05"), "va_right": 50} | pupil("b1", key),
            {"school": B, "check_date": day("2024-12-20"), "va_right": 50, "va_left": 50} | pupil("b2", key),
        ],
        period=AUTUMN,
        payload_date=day("2024-12-20"),
    )


def others(key: str = "one") -> dict[str, list[Row]]:
    """The feeds with less to say."""
    exams = [{"school": A, "exam_date": day("2024-11-11"), "examined": i != 3} | pupil(f"a{i}", key) for i in range(10)]
    tests = [
        {
            "school": B,
            "test_date": day("2024-10-20"),
            "participation": "exempt" if i == 0 else "tested",
            "run_50m": 90 if i > 1 else None,
        }
        | pupil(f"b{i}", key)
        for i in range(12)
    ]
    classes = [
        {"school": s, "grade": g, "class_no": "1", "pupils": n} for s, g, n in ((A, 1, 40), (A, 2, 30), (B, 7, 50))
    ]
    films = [
        {
            "school": A,
            "grade": 1,
            "class_no": "1",
            "title": t,
            "recommended": True,
            "shown_on": day(d),
            "attended": n,
        }
        for t, d, n in (("甲片", "2024-10-18", 40), ("甲片", "2024-11-18", 38), ("乙片", "2024-12-18", 33))
    ]
    items = [
        {"school": A, "inspection_id": "x1", "canteen": "main", "inspected_on": day("2024-10-09"), "inspection_type": "routine",
         "risk_grade": "A", "item": i, "result": "fail" if i == 5 else "pass",
         "due_on": day("2024-10-12"), "rechecked_on": day("2024-10-12"), "recheck_result": "pass"}
        for i in (1, 5)
    ] + [
        {"school": None, "school_name": "老丙小学", "inspection_id": "x2", "canteen": "main", "inspected_on": day("2024-10-09"),
         "inspection_type": "routine", "item": 1, "result": "pass"},
        *({"school": None, "school_name": "无此学校", "inspection_id": "x3", "canteen": "main", "inspected_on": day("2024-10-09"),
           "inspection_type": "routine", "item": i, "result": "pass", "row_number": 5} for i in (1, 2)),
        {"school": C, "inspection_id": "x4", "canteen": "main", "inspected_on": day("2024-12-09"), "inspection_type": "routine", "item": 1,
         "result": "pass"},
    ]  # fmt: skip
    kitchens = [
        {"school": A, "canteens": 2, "open_kitchens": 2, "internet_kitchens": 1, "counted_on": day("2024-11-01")}
    ]
    return {
        "physical_exam": delivery(50, exams, period=YEAR),
        "fitness_test": delivery(51, tests, period=YEAR),
        "class_roster": delivery(52, classes, period=AUTUMN, snapshot_on=day("2024-10-01")),
        "film_screening": delivery(53, films, period=AUTUMN),
        "food_inspection": delivery(54, items, period=YEAR),
        "kitchen_register": delivery(55, kitchens, period=YEAR),
    }


def world(key: str = "one") -> dict[str, list[Row]]:
    """All feeds."""
    return {"school_register": register(key), "student_roster": roster(key), "vision_check": vision(key)} | others(key)

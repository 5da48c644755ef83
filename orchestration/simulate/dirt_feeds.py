"""Per feed: harmless spellings, and mistakes for which exactly one rule must reject the row."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import polars as pl

from orchestration.simulate import dirt_cells as c
from orchestration.simulate import dirt_forms
from orchestration.simulate.persons import CHECK, WEIGHTS
from orchestration.simulate.randomness import Rng
from orchestration.simulate.sheets import Cells, Layout, Spoil

MEASURED = pl.lit(True)


def _number(key: str) -> pl.Expr:
    return pl.col(key).cast(pl.Float64, strict=False)


def check_digit(body: str) -> str:
    """Check digit of the first 17 digits."""
    return str(CHECK[sum(int(d) * int(w) for d, w in zip(body, WEIGHTS, strict=True)) % 11])


def _damaged(text: str, rng: Rng) -> str:
    """What Excel leaves of a long number: 4.11E+17, or the last digits zeroed."""
    digits = text[-18:]
    zeroed = f"{digits[:15]}000"
    if rng.random() < 0.5 and check_digit(zeroed[:17]) != "0":
        return zeroed
    return f"{digits[0]}.{digits[1:6]}E+17"


def _invalid(text: str, rng: Rng) -> str:
    """One digit too few, or one too many."""
    return text[:-2] + text[-1] if rng.random() < 0.5 else text + text[-1]


def _blank(_: str, __: Rng) -> None:
    return None


def _keys(layout: Layout) -> list[Spoil]:
    """Mistakes in the numbers by which a pupil is known."""
    have = set(layout.keys)
    if "xjh" not in have and "idno" not in have:
        return []
    main = "xjh" if "xjh" in have else "idno"
    intact = pl.col(main).str.contains(r"^G?\d{17}[\dX]$")
    names = tuple(k for k in (main, "xjh", "idno", "number", "passport") if k in have)
    keys = tuple(dict.fromkeys(names))
    return [
        c.cell(main, _damaged, "id_damaged", where=intact, weight=2),
        c.cell(main, _invalid, "id_invalid", where=intact),
        c.row(keys, lambda line, _: dict.fromkeys(line), "pupil_key_missing", where=MEASURED),
    ]


def _fixed(*values: str) -> c.Edit:
    return lambda _, rng: c.one(rng, values)


def _metres(text: str, _: Rng) -> str:
    return f"{float(text) / 100:.2f}"


def _swap(line: Cells, _: Rng) -> Cells:
    return {"height": line["weight"], "weight": line["height"]}


def _jin(text: str, _: Rng) -> str:
    return f"{float(text) * 2:.1f}"


def _body() -> list[Spoil]:
    """Height in metres, weight in 斤 where it shows, the two columns swapped."""
    height, weight = _number("height"), _number("weight")
    bmi = weight / (height / 100) ** 2
    return [
        c.cell("height", _metres, "unit_suspect", where=height.is_between(105, 195)),
        c.cell("weight", _jin, "weight_suspect", where=(bmi > 23.5) & (weight < 95), weight=4),
        c.row(("height", "weight"), _swap, "swapped_suspect", where=(height > 105) & weight.is_between(16, 75)),
        c.cell("height", _fixed("一米四", "14O..2", "约140"), "bad_number"),
        c.cell("height", _fixed("402", "310.0"), "out_of_range"),
    ]


def _ambiguous(text: str, _: Rng) -> str:
    minutes, seconds = text.rstrip('"').split("'")
    return f"{minutes}.{int(seconds) // 10}"


def _impossible_time(text: str, rng: Rng) -> str:
    return f"{text.split(chr(39), maxsplit=1)[0]}'{int(rng.integers(61, 99))}\""


def _vision(layout: Layout, period: str) -> list[Spoil]:
    spoils = [
        c.cell("va_r", _fixed("5.9", "6.0", "7.2", "48"), "out_of_range", where=pl.col("va_r") != "0"),
        c.cell("s_r", _fixed("-35.00", "42.50"), "out_of_range"),
        c.cell("a_l", _fixed("270", "-15"), "out_of_range"),
        c.cell("check_date", _fixed("2024-13-45", "2023-02-30", "上周三"), "bad_date"),
        c.cell("check_date", _other_semester(period), "date_out_of_period"),
    ]
    if layout.name != "school":
        # The school template says of itself that what can't be read is no data.
        spoils.append(c.cell("va_l", _fixed("4..9", "4.9.1", "五点零"), "bad_number"))
    if layout.name == "national":
        spoils.append(c.cell("grade", _fixed("27", "大班", "88"), "bad_code"))
    return spoils


def _other_semester(period: str) -> c.Edit:
    """A day of another semester, none of them in the future."""
    year, half = int(period[:4]), period[-1]
    return _fixed(f"{year}-04-15", f"{year + 1}-04-18") if half == "1" else _fixed(f"{year}-10-20", f"{year}-04-18")


def _holiday(period: str) -> c.Edit:
    year, half = int(period[:4]), period[-1]
    return (
        _fixed(f"{year + 1}-01-25", f"{year + 1}-01-28")
        if half == "1"
        else _fixed(f"{year + 1}-07-25", f"{year + 1}-02-08")
    )


def _more(line: Cells, rng: Rng) -> Cells:
    return {"attended": str(int(line["expected"] or 0) + int(rng.integers(1, 9))), "expected": line["expected"]}


def _nameless(key: str) -> Spoil:
    """Grade or class blank, and the class name with it, which would give them away."""
    return c.row(
        (key, "klass_name"), lambda line, _: dict.fromkeys(line), "missing_required", where=pl.col(key).is_not_null()
    )


def _strange_grades(layout: Layout) -> list[Spoil]:
    """A grade that does not exist; where the sheet has the grade's name as well, that is as strange."""
    if "grade_name" not in layout.keys:
        return [c.cell("grade", _fixed("27", "88"), "bad_code")]
    return [
        c.row(
            ("grade", "grade_name"),
            lambda line, _: dict.fromkeys(line, "大班"),
            "bad_code",
            where=pl.col("grade").is_not_null(),
        )
    ]


def _feed(layout: Layout, period: str) -> list[Spoil]:
    bad_day = _fixed("2024-13-45", "2023-02-30", "去年冬天")
    match layout.feed:
        case "student_roster":
            return [
                c.cell("sex", _blank, "missing_required"), _nameless("klass"), _nameless("grade"), c.cell("sex", _fixed("5", "男女"), "bad_code"),
                c.cell("grade", _fixed("27", "大班", "88"), "bad_code"), c.cell("status", _fixed("在藉读", "毕业班"), "bad_code"),
                c.cell("birth", bad_day, "bad_date"), *_keys(layout),
            ]  # fmt: skip
        case "class_roster":
            return [
                c.cell("pupils", _blank, "missing_required"), c.cell("pupils", _fixed("四十余", "4o人多"), "bad_number"),
                c.cell("pupils", _fixed("4500", "-3"), "out_of_range"),
            ]  # fmt: skip
        case "vision_check":
            return [*_keys(layout), *_vision(layout, period)]
        case "physical_exam":
            return [
                *_keys(layout), *_body(), c.cell("systolic", _fixed("1200", "12"), "out_of_range"), c.cell("on", bad_day, "bad_date"),
            ]  # fmt: skip
        case "fitness_test":
            times = [
                spoil
                for key in ("shuttle", "run_800m", "run_1000m")
                for spoil in (c.cell(key, _ambiguous, "ambiguous_time"), c.cell(key, _impossible_time, "bad_time"))
            ]
            return [
                *_keys(layout), *_body(), *times, c.cell("standing_jump", _metres, "unit_suspect"),
                c.cell("run_50m", lambda text, _: text.replace(".", ""), "out_of_range", where=_number("run_50m") < 14),
                c.cell("vital_capacity", _fixed("二千多", "31..00"), "bad_number"),
                c.cell("sex", _fixed("5", "男女"), "bad_code"), *_strange_grades(layout),
                c.cell("on", bad_day, "bad_date"),
            ]  # fmt: skip
        case "film_screening":
            return [
                c.cell("klass", _fixed("全校"), "whole_school", weight=2), c.cell("on", _holiday(period), "outside_term"),
                c.row(("attended", "expected"), _more, "attended_over_expected", where=pl.col("attended").is_not_null()),
                c.cell("title", _blank, "missing_required"), c.cell("on", bad_day, "bad_date"),
            ]  # fmt: skip
        case "food_inspection":
            return [
                c.cell("on", bad_day, "bad_date"), c.cell("on", _blank, "missing_required"),
                c.cell("risk", _fixed("E", "高高"), "bad_code"), c.cell("result", _fixed("尚可", "差不多"), "bad_code"),
                c.cell("code", _fixed("2141999999", "3141999998"), "unknown_school"),
            ]  # fmt: skip
        case "kitchen_register":
            return [
                c.cell("canteens", _blank, "missing_required"), c.cell("canteens", _fixed("若干", "两三个"), "bad_number"),
                c.cell("code", _fixed("2141999999", "3141999998"), "unknown_school"), c.cell("on", bad_day, "bad_date"),
            ]  # fmt: skip
    return []


ACUITY = ("va_r", "va_l", "cor_r", "cor_l")
ITEMS = (
    "vital_capacity",
    "run_50m",
    "sit_reach",
    "rope",
    "sit_up",
    "shuttle",
    "standing_jump",
    "run_800m",
    "run_1000m",
    "pull_up",
)


def _decimal_row(line: Cells, _: Rng) -> Cells:
    return {key: c.DECIMAL_OF.get(text, text) if text else text for key, text in line.items()}


def _harmless(layout: Layout) -> list[Spoil]:
    spoils: list[Spoil] = []
    for column in layout.columns:
        key = column.key
        if column.kind == "number":
            spoils.append(c.cell(key, c.strange_digits))
        elif column.kind == "date":
            spoils.append(c.cell(key, c.strange_date, weight=2))
    pupil_feed = layout.feed in ("vision_check", "physical_exam", "fitness_test", "student_roster")
    spoils += [
        c.cell("sex", c.strange_sex), c.cell("grade", c.strange_grade), c.cell("name", c.strange_name),
        c.cell("xjh", c.strange_id, weight=2), c.cell("idno", c.strange_id), c.cell("school_code", c.strange_code),
        c.cell("code", c.strange_code),
    ]  # fmt: skip
    if layout.name != "check":
        spoils.append(c.cell("klass", c.strange_class))
    if pupil_feed and layout.feed != "student_roster":
        spoils += [
            c.cell(key, lambda _, rng: c.one(rng, c.NOT_THERE), blank=True, weight=0.4) for key in (*ITEMS, "height")
        ]
        spoils.append(c.cell("vital_capacity", _fixed("0"), blank=True))
        spoils.append(c.cell("vital_capacity", c.strange_thousands))
        spoils += [c.cell(key, c.strange_time, weight=3) for key in ("shuttle", "run_800m", "run_1000m")]
    if layout.feed == "vision_check":
        eyes = pl.col("va_r").is_not_null() & pl.col("va_l").is_not_null()
        readable = (_number("va_r") >= 4) & (_number("va_l") >= 4)
        spoils.append(c.row(("va_r", "va_l"), _decimal_row, where=eyes & readable, weight=6))
        spoils += [c.cell(key, c.strange_sign, weight=1.5) for key in ("s_r", "s_l", "c_r", "c_l")]
        codes = _fixed("9", "9.0", "999", "X", "/", "未测")
        spoils += [c.cell(key, codes, blank=True, weight=2) for key in ("va_r", "va_l")]
        spoils += [c.cell(key, _fixed("999"), blank=True, weight=0.5) for key in ("s_r", "s_l", "a_r", "a_l")]
    return spoils + dirt_forms.oddities(layout)


@functools.lru_cache(maxsize=512)
def spoils_for(layout: Layout, period: str, county_file: bool) -> tuple[tuple[Spoil, ...], tuple[Spoil, ...]]:
    """Harmless and harmful changes that fit the columns of a form."""
    have = set(layout.keys)
    harmful = [] if layout.feed == "school_register" else _feed(layout, period)
    harmful += dirt_forms.mistakes(layout, period, county_file)
    if county_file and layout.feed in (
        "student_roster",
        "vision_check",
        "physical_exam",
        "fitness_test",
        "film_screening",
        "class_roster",
        "school_form",
    ):
        key = "code" if "code" in have else "school_code"
        harmful.append(c.cell(key, _fixed("2141999999", "3141999998"), "unknown_school"))
    fits = [tuple(s for s in spoils if have.issuperset(s.keys)) for spoils in (_harmless(layout), harmful)]
    return fits[0], fits[1]


@functools.lru_cache(maxsize=512)
def slips_for(layout: Layout) -> tuple[Spoil, ...]:
    """Wrong but plausible values that a later delivery corrects."""

    def shift(key: str, steps: Sequence[float], places: int, where: pl.Expr) -> Spoil:
        def edit(text: str, rng: Rng) -> str:
            return f"{float(text) + float(steps[int(rng.integers(len(steps)))]):.{places}f}"

        return c.cell(key, edit, where=where)

    slips = {
        "vision_check": [
            shift("va_r", (-0.3, -0.2, 0.2, 0.1), 1, _number("va_r").is_between(4.0, 5.0)),
            shift("s_l", (-1.0, -0.5, 0.5), 2, _number("s_l").is_between(-8, 4)),
        ],
        "physical_exam": [shift("weight", (-2.0, 1.5), 1, _number("weight").is_between(20, 70))],
        "fitness_test": [shift("height", (-2.0, 1.5), 1, _number("height").is_between(110, 185))],
        "student_roster": [c.cell("sex", lambda text, _: {"男": "女", "女": "男"}.get(text, text))],
        "class_roster": [shift("pupils", (-2, 1, 2), 0, _number("pupils") > 6)],
        "film_screening": [shift("attended", (-3, -1), 0, _number("attended") > 8)],
        "school_form": [shift("media", (1, 2), 0, _number("media") > 1)],
    }.get(layout.feed, [])
    have = set(layout.keys)
    return tuple(s for s in slips if have.issuperset(s.keys))

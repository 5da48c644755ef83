"""Dirt of the yearly feeds: yuan in a column of 万元, words and other units in number cells, numbers that contradict each other."""

from __future__ import annotations

import polars as pl

from orchestration.simulate import dirt_cells as c
from orchestration.simulate.randomness import Rng
from orchestration.simulate.sheets import Cells, Layout, Spoil

# The unit a clerk writes behind the number; the reader forgives the column's own.
OWN_UNITS = {
    "floor": "㎡", "gym": "平方米", "ground": "m2", "equip": "万元", "budget": "万元", "training": "万元", "approved": "元", "pp": "人", "pj": "人",
    "cp": "个", "cj": "班", "teachers": "名", "media": "间", "special_fund": "万元", "teacher_pay": "万元", "fund_p": "元", "eligible": "人",
}  # fmt: skip
FEEDS = (
    "school_form", "county_form", "reported_measure", "commitment_evidence", "county_certification", "case_event",
)  # fmt: skip


def _number(key: str) -> pl.Expr:
    return pl.col(key).cast(pl.Float64, strict=False)


def _fixed(*values: str) -> c.Edit:
    return lambda _, rng: c.one(rng, values)


def _blank(_: str, __: Rng) -> None:
    return None


def _yuan(text: str, _: Rng) -> str:
    """The same money in yuan, in a column of ten thousands."""
    return str(round(float(text) * 10_000))


def _with(unit: str) -> c.Edit:
    return lambda text, _: f"{text}{unit}"


def _mu(text: str, _: Rng) -> str:
    return f"{float(text) / 666.67:.1f}亩"


def _above(low: str, high: str) -> Spoil:
    """The part becomes larger than the whole; the part names the column."""

    def edit(line: Cells, rng: Rng) -> Cells:
        return {low: str(int(line[high] or 0) + int(rng.integers(1, 6))), high: line[high]}

    return c.row((low, high), edit, "out_of_range", where=pl.col(low).is_not_null() & pl.col(high).is_not_null())


def _crowded(line: Cells, _: Rng) -> Cells:
    """A largest class too small for the pupils."""
    return {**line, "lp": str(int(line["pp"] or 0) // int(line["cp"] or 1) - 2)}


def school_form(county_file: bool) -> list[Spoil]:
    """Mistakes of schools; only a county's file can lack the school's code, elsewhere the folder says it."""
    words = _fixed("约三千", "三百余", "不详", "12o0多")
    many = (_number("pp") > 4 * _number("cp")) & (_number("cp") > 0)
    spoils = [
        *(c.cell(key, _yuan, "unit_suspect", where=_number(key) > 3) for key in ("equip", "budget")),
        c.cell("equip", lambda text, _: f"{round(float(text) * 10_000)}元", "unit_suspect"),
        c.cell("ground", _mu, "unit_suspect", where=_number("ground") > 300),
        c.cell("floor", words, "bad_number"), c.cell("teachers", words, "bad_number"), c.cell("media", _fixed("10.5", "8.2"), "bad_number"),
        c.cell("doctors", _fixed("-1", "2000"), "out_of_range"),
        _above("certified", "teachers"), _above("done360", "due360"),
        c.row(("lp", "pp", "cp"), _crowded, "out_of_range", where=many),
    ]  # fmt: skip
    if county_file:
        spoils += [
            c.cell("code", _blank, "school_unknown_context", weight=2), c.cell("code", _fixed("214190000", "21419000O1A"), "bad_code"),
        ]  # fmt: skip
    return spoils


def mistakes(layout: Layout, period: str, county_file: bool) -> list[Spoil]:
    """Mistakes for which exactly one rule must reject the row.

    Args:
        layout: the form.
        period: school year.
        county_file: many schools in one file.
    """
    bad_day = _fixed("2024-13-45", "2023-02-30", "去年冬天")
    other_year = _fixed(f"{int(period[:4]) - 1}-04-15", f"{int(period[:4]) - 2}-11-03")
    nowhere = _fixed("2141999999", "3141999998")
    match layout.feed:
        case "school_form":
            return school_form(county_file)
        case "county_form":
            return [
                c.cell("teacher_pay", _yuan, "unit_suspect"), c.cell("special_fund", _yuan, "unit_suspect", where=_number("special_fund") > 12),
                c.cell("migrant", _fixed("约五百", "若干"), "bad_number"), _above("exchanged", "eligible"), _above("shared", "plan"),
                _above("disabled_in", "disabled"), c.cell("special_fund", _mu, "unit_suspect"),
            ]  # fmt: skip
        case "reported_measure":
            # Without promise or item nobody knows what the figure is; a survey line keeps its item.
            return [
                c.cell("num", _fixed("约六成", "百分之九十"), "bad_number"), c.cell("den", _fixed("0", "-20"), "out_of_range"),
                c.row(("value", "num"), lambda line, _: dict.fromkeys(line), "missing_required", where=pl.lit(True)),
                c.row(("item", "promise"), lambda line, _: dict.fromkeys(line), "missing_required", where=pl.lit(True)),
                c.cell("stage", _fixed("大学", "成人"), "bad_code"), c.cell("measured", bad_day, "bad_date"),
            ]  # fmt: skip
        case "commitment_evidence":
            done = pl.col("finding") == "已落实"
            return [
                c.cell("finding", _fixed("基本落实", "推进中"), "bad_code"), c.cell("finding", _blank, "missing_required"),
                c.cell("paper", _blank, "missing_required", where=done),
                c.cell("sha", lambda text, _: text[:40], "bad_code"), c.cell("issued", bad_day, "bad_date"),
                c.cell("code", nowhere, "unknown_school"),
            ]  # fmt: skip
        case "county_certification":
            return [
                c.cell("level", _fixed("国检", "部级"), "bad_code"), c.cell("outcome", _blank, "missing_required"),
                c.cell("on", bad_day, "bad_date"), c.cell("on", other_year, "date_out_of_period"),
            ]  # fmt: skip
        case "case_event":
            return [
                c.cell("event", _fixed("整理", "跟进中"), "bad_code"), c.cell("on", bad_day, "bad_date"), c.cell("on", _blank, "missing_required"),
                c.cell("on", other_year, "date_out_of_period"), c.cell("case", _blank, "missing_required"),
                c.cell("code", nowhere, "unknown_school"),
            ]  # fmt: skip
    return []


def oddities(layout: Layout) -> list[Spoil]:
    """Spellings that a patient reader understands: the column's own unit, a comma between the thousands."""
    if layout.feed not in FEEDS:
        return []
    numbers = [column.key for column in layout.columns if column.kind == "number"]
    spoils = [c.cell(key, _with(OWN_UNITS[key]), weight=2) for key in numbers if key in OWN_UNITS]
    spoils += [c.cell(key, c.strange_thousands) for key in numbers]
    return [*spoils, c.cell("county", c.strange_code)]

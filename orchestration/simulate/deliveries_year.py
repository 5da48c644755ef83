"""Deliveries of the other feeds: examinations, fitness tests, films, inspections and kitchens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from orchestration.simulate.body_forms import (
    BUREAU_OLD,
    BUREAU_YOUNG,
    EXAM,
    EXAM_DATE,
    EYES,
    NATIONAL_ALL,
    NATIONAL_YOUNG,
    SCHOOL_CODE,
    TAKING_PART,
    TEST_DATE,
    render,
)
from orchestration.simulate.canteen_forms import (
    BY_CHECK,
    BY_ITEM,
    KITCHEN,
    check_rows,
    conclusion,
    item_records,
    item_rows,
    kitchen_rows,
)
from orchestration.simulate.canteens import habit, inspections, kitchens
from orchestration.simulate.deliveries import Mask, Office
from orchestration.simulate.files import pack
from orchestration.simulate.films import FORM, screenings
from orchestration.simulate.films import render as film_rows
from orchestration.simulate.randomness import stream
from orchestration.simulate.sheets import Batch, Layout
from orchestration.simulate.terms import Semester, compact


def send_exams(office: Office, semester: Semester, lines: pl.DataFrame) -> pl.DataFrame:
    """Examination sheets of the schools examined in this semester; returns the lines that stand."""
    standing = [lines.clear()]
    period = semester.school_year
    for sender, name, part in office.groups(lines.sort("school", "grade", "klass", "own_number")):
        dated = office.by_county or bool(stream(office.seed, "exam-habit", sender).random() < 0.35)
        layout = EXAM
        if office.by_county:
            layout = EXAM.extended(SCHOOL_CODE, EXAM_DATE)
        elif dated:
            layout = EXAM.extended(EXAM_DATE)
        stem = "学生体检" if dated else f"{compact(part['on'][0])}_学生体检"
        stem += "_春季" if office.by_county and not semester.autumn else ""
        batch = Batch(
            "physical_exam",
            period,
            sender,
            stem,
            layout,
            render(office.dress(part), layout),
            name,
            bulk=office.by_county,
        )
        standing.append(office.send(batch, part))
    return pl.concat(standing)


def _fitness_form(office: Office, school: int) -> Layout:
    kind = office.schools[school].kind
    rng = stream(office.seed, "fitness-habit", office.schools[school].code)
    bureau, asked = rng.random() < 0.4, rng.random() < 0.4
    if bureau and kind != "nine":
        return BUREAU_YOUNG if kind in ("primary", "point") else BUREAU_OLD
    layout = NATIONAL_YOUNG if kind in ("primary", "point") else NATIONAL_ALL
    return layout.extended(TAKING_PART) if asked else layout


def eye_schools(office: Office, no_vision: Mask) -> Mask:
    """Schools that fill in the optional eye block of the national fitness form."""
    rng = stream(office.seed, "eye-block")
    chosen: Mask = (rng.random(len(office.schools)) < 0.12) & ~no_vision
    if office.by_county:
        return np.zeros(len(chosen), bool)
    national: Mask = np.array([_fitness_form(office, s.index).name == "national" for s in office.schools])
    chosen &= national
    return chosen


def send_fitness(office: Office, semester: Semester, lines: pl.DataFrame) -> pl.DataFrame:
    """Fitness sheets; returns the lines that stand, `part` blank where the form does not ask for it."""
    standing = [lines.clear()]
    for sender, name, part in office.groups(lines.sort("school", "grade", "klass", "own_number")):
        dated = office.by_county or bool(stream(office.seed, "fitness-date", sender).random() < 0.3)
        if office.by_county:
            layout = NATIONAL_ALL.extended(TAKING_PART, SCHOOL_CODE, TEST_DATE)
        else:
            layout = _fitness_form(office, int(part["school"][0]))
            layout = layout.extended(TEST_DATE) if dated else layout
            eyes = part["va_r"].is_not_null().any()
            layout = layout.extended(*EYES) if eyes else layout
        stem = "体质健康测试" if dated else f"{compact(part['on'][0])}_体质健康测试"
        text = render(office.dress(part), layout)
        batch = Batch("fitness_test", semester.school_year, sender, stem, layout, text, name, bulk=office.by_county)
        if "va_r" in text.columns:
            # Two feeds on one sheet: whether a damaged row fails for one or both is no question for a simulation.
            batch = replace(batch, spotless=True)
        stands = office.send(batch, part)
        asked = "part" in text.columns
        standing.append(stands if asked else stands.with_columns(part=pl.lit(None, dtype=pl.Int8)))
    return pl.concat(standing)


def send_films(office: Office, semester: Semester, classes: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Film sheets per school; returns the screenings that stand."""
    quiet = office.quiet("film_screening", semester.name)
    rows = screenings(office.seed, semester, classes, office.schools, quiet).join(
        words, on="school", maintain_order="left"
    )
    standing = [rows.clear()]
    for sender, name, part in office.groups(rows):
        text = film_rows(part, semester)
        batch = Batch("film_screening", semester.name, sender, "影片放映登记", FORM, text, name, bulk=office.by_county)
        standing.append(office.send(batch, part))
    _late_showings(office, semester, classes, words)
    return pl.concat(standing)


def _late_showings(office: Office, semester: Semester, classes: pl.DataFrame, words: pl.DataFrame) -> None:
    """A school that has closed in this semester still reports a film after its last day: nothing of it may count."""
    for school in office.schools:
        if not office.desk.mess or school.closes is None or not semester.opens < school.closes < semester.closes - 30:
            continue
        rows = (
            classes.filter(pl.col("school") == school.index)
            .join(words, on="school")
            .with_columns(
                title=pl.lit(0),
                on=pl.lit(school.closes + 12),
                at=pl.lit(0),
                cinema=pl.lit(False),
                free=pl.lit(True),
                attended=pl.col("pupils"),
            )
        )
        text = film_rows(rows, semester)
        batch = Batch("film_screening", semester.name, school.code, "影片放映补报", FORM, text, school.name)
        office.desk.deliver(replace(batch, doomed=("closed_school", "code")))


def send_strays(office: Office, year: int) -> None:
    """Files that are no deliveries: a report in Word, a web page called .xls, an empty file, half a workbook, a sheet of headers."""
    if not office.desk.mess:
        return
    period = f"{year}-{year + 1}"
    rng = stream(office.seed, "strays", year)
    code = office.schools[int(rng.integers(len(office.schools)))].code
    page = "<html><body><table><tr><td>学籍号</td><td>姓名</td></tr></table></body></html>".encode()
    headers = (",".join(one.heads[0] for one in NATIONAL_YOUNG.columns) + "\r\n").encode("gb18030")
    word = pack({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}, "zip")
    desk = office.desk
    desk.stray(f"physical_exam/{code}/{period}/体检工作总结.docx", word, "rejected")
    desk.stray(f"vision_check/{code}/{period}-1/视力情况汇总.xls", page, "rejected")
    desk.stray(f"vision_check/{code}/{period}-2/视力筛查_空.csv", b"", "rejected")
    desk.stray(f"fitness_test/{code}/{period}/体质健康测试_半截.xlsx", word[:40], "rejected")
    desk.stray(f"fitness_test/{code}/{period}/体质健康测试_仅表头.csv", headers, "loaded")


def send_inspections(office: Office, year: int, words: pl.DataFrame) -> pl.DataFrame:
    """Inspections per county and half-year; returns the rows that stand, one per item."""
    period = f"{year}-{year + 1}"
    checks = inspections(office.seed, year, office.schools, office.quiet("food_inspection", period))
    checks = checks.join(words, on="school", maintain_order="left")
    records = item_records(checks)
    columns = ["school", "canteen", "id", "on", "kind", "risk", "item", "result", "due", "again", "outcome"]
    standing = [records.select(columns).clear()]
    half = pl.when(pl.col("on") <= Semester(year, 1).closes + 11).then(1).otherwise(2)
    for (county, number), part in checks.with_columns(half=half).partition_by("county", "half", as_dict=True).items():
        ways = habit(office.seed, str(county))
        name = next(s.county.name for s in office.schools if s.county.code == county)
        stem = f"食品安全检查_{'上' if number == 1 else '下'}学期"
        if ways.by_item:
            rows = item_records(part)
            batch = Batch("food_inspection", period, str(county), stem, BY_ITEM, item_rows(rows, ways), name)
            standing.append(office.send(batch, rows).select(columns))
            continue
        batch = Batch("food_inspection", period, str(county), stem, BY_CHECK, check_rows(part, ways), name)
        stands = office.send(batch, part)
        whole = stands.filter(pl.col("only_conclusion")).with_columns(
            item=pl.lit(0, dtype=pl.Int8), result=conclusion().cast(pl.Int8)
        )
        standing += [item_records(stands.filter(~pl.col("only_conclusion"))).select(columns), whole.select(columns)]
    return pl.concat(standing)


def send_kitchens(office: Office, year: int, words: pl.DataFrame) -> pl.DataFrame:
    """The kitchen register per county, and the second one of May; returns the rows that stand."""
    period = f"{year}-{year + 1}"
    rows = kitchens(office.seed, year, office.schools, office.quiet("kitchen_register", period))
    rows = rows.join(words, on="school", maintain_order="left")
    standing = [rows.clear()]
    for (county, late), part in rows.partition_by("county", "late", as_dict=True).items():
        name = next(s.county.name for s in office.schools if s.county.code == county)
        stem = f"{compact(part['on'][0])}_明厨亮灶台账{'_更新' if late else ''}"
        batch = Batch("kitchen_register", period, str(county), stem, KITCHEN, kitchen_rows(part), name)
        standing.append(office.send(batch, part))
    return pl.concat(standing)

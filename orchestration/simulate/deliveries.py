"""Turns one feed of one period into batches: who sends which rows on which form, and who sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.desk import Desk
from orchestration.simulate.population import GUEST, STUDYING
from orchestration.simulate.randomness import stream
from orchestration.simulate.registers import CLASSES, REGISTER, ROSTER, class_rows, register_rows, roster_rows
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import GRADE_WORDS, Batch, Layout
from orchestration.simulate.terms import Semester, compact
from orchestration.simulate.vision_forms import CHECK_DATE, FORMS, SCHOOL_CODE, render

Mask = npt.NDArray[np.bool_]


@dataclass
class Office:
    """Everything a delivery needs to know about the region and its habits."""

    seed: int
    schools: list[School]
    desk: Desk
    by_county: bool
    # Adds what a sheet says about persons and schools; done sender by sender, for text columns of a whole region are large.
    dress: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame

    def quiet(self, feed: str, period: str, share: float = 0.02) -> Mask:
        """Schools that deliver nothing of a feed in a period: about 2 %, and one in some periods of small regions."""
        rng = stream(self.seed, "quiet", feed, period)
        draw = rng.random(len(self.schools))
        closing = np.array([s.closes is not None for s in self.schools])
        heirs = {s.heir for s in self.schools}
        silent: Mask = (draw < share) & ~closing
        silent[[h for h in heirs if h >= 0]] = False
        if len(self.schools) >= 5 and share >= 0.02 and not silent.any() and rng.random() < 0.3:
            open_ = np.array([s.index for s in self.schools if s.closes is None and s.index not in heirs])
            silent[int(open_[int(rng.integers(len(open_)))])] = True
        return silent

    def groups(self, frame: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
        """Splits rows by sending office: code for the path, name for the title, rows."""
        if self.by_county:
            county = pl.Series([s.county.code for s in self.schools])
            frame = frame.with_columns(_county=county[frame["school"].to_numpy()])
            for (code,), part in frame.partition_by("_county", as_dict=True, include_key=False).items():
                name = next(s.county.name for s in self.schools if s.county.code == code)
                yield str(code), name, part
            return
        for (index,), part in frame.partition_by("school", as_dict=True).items():
            school = self.schools[int(index)]
            yield school.code, school.name, part

    def send(self, batch: Batch, rows: pl.DataFrame) -> pl.DataFrame:
        """Delivers a batch and returns the rows that stand."""
        return rows.filter(pl.Series(self.desk.deliver(batch)))


def send_register(office: Office, year: int) -> None:
    """A register per county, and a second one where a school has closed in the autumn."""
    period = f"{year}-{year + 1}"
    alive = [s for s in office.schools if s.closes is None or s.closes >= Semester(year, 1).opens]
    for code in dict.fromkeys(s.county.code for s in alive):
        local = [s for s in alive if s.county.code == code]
        text = register_rows(local, office.schools, year, False)
        office.desk.deliver(
            Batch(
                "school_register",
                period,
                code,
                f"{year}0920_学校基本信息",
                REGISTER,
                text,
                local[0].county.name,
            )
        )
        closed = [s for s in local if s.closes is not None and s.closes <= Semester(year, 1).closes]
        if closed:
            text = register_rows(closed, office.schools, year, True)
            stem = f"{year + 1}0110_学校变动"
            office.desk.deliver(Batch("school_register", period, code, stem, REGISTER, text, local[0].county.name))


def send_rosters(office: Office, semester: Semester, stays: pl.DataFrame) -> pl.DataFrame:
    """Main rosters and rosters of changes; returns the rows that stand, in the order of delivery."""
    quiet = office.quiet("student_roster", semester.name, 0.01)
    standing = []
    for late in (False, True):
        rows = stays.filter((pl.col("update") == late) & ~pl.col("school").is_in(np.flatnonzero(quiet)))
        rows = rows.sort("school", "grade", "klass", "number")
        for sender, name, part in office.groups(rows):
            text = roster_rows(office.dress(part), semester, late)
            day = semester.last_snapshot if late else semester.first_snapshot
            stem = f"{compact(day)}_{'学籍变动' if late else '学生名册'}"
            batch = Batch(
                "student_roster",
                semester.name,
                sender,
                stem,
                ROSTER,
                text,
                name,
                bulk=office.by_county,
                mendable=not late,
            )
            standing.append(office.send(batch, part))
    return pl.concat(standing) if standing else stays.clear()


def class_sizes(stays: pl.DataFrame) -> pl.DataFrame:
    """Pupils per class as of the first snapshot, those on leave or taught at home left out."""
    return (
        stays.filter(~pl.col("update") & pl.col("status").is_in([STUDYING, GUEST]))
        .group_by("school", "grade", "klass")
        .agg(pupils=pl.len().cast(pl.Int64))
        .sort("school", "grade", "klass")
    )


def send_classes(office: Office, semester: Semester, classes: pl.DataFrame) -> pl.DataFrame:
    """Class rosters; returns those that stand."""
    quiet = office.quiet("class_roster", semester.name, 0.01)
    standing = [classes.clear()]
    for sender, name, part in office.groups(classes.filter(~pl.col("school").is_in(np.flatnonzero(quiet)))):
        stem = f"{compact(semester.first_snapshot)}_班级名册"
        batch = Batch(
            "class_roster", semester.name, sender, stem, CLASSES, class_rows(office.dress(part), semester), name
        )
        standing.append(office.send(batch, part))
    return pl.concat(standing)


def _habit(office: Office, school: int) -> tuple[str, bool, str]:
    """A school keeps to one vision form; some give the date per row instead of in the file name; some send grade by grade."""
    rng = stream(office.seed, "habit", office.schools[school].code)
    form = str(rng.choice(["national", "shanghai", "changsha", "school"], p=[0.4, 0.15, 0.15, 0.3]))
    split = str(rng.choice(["", "files", "sheets"], p=[0.7, 0.15, 0.15]))
    return form, bool(rng.random() < 0.3), split


def send_vision(office: Office, semester: Semester, checks: pl.DataFrame) -> pl.DataFrame:
    """Sheets per school and round (make-up checks apart), or one national sheet per county and round; returns what stands."""
    standing = [checks.clear()]
    for number in (1, 2):
        of_round = checks.filter(pl.col("round") == number).sort("school", "grade", "klass", "own_number")
        for sender, name, part in office.groups(of_round):
            if office.by_county:
                layout = FORMS["national"].extended(SCHOOL_CODE, CHECK_DATE)
                stem = f"视力筛查_第{number}次"
                batch = Batch(
                    "vision_check",
                    semester.name,
                    sender,
                    stem,
                    layout,
                    render(office.dress(part), layout),
                    name,
                    bulk=True,
                )
                standing.append(office.send(batch, part))
            else:
                standing += _send_school(office, semester, Sender(sender, name), number, part)
    return pl.concat(standing)


@dataclass(frozen=True)
class Sender:
    """Who sends: code for the path, name for the title."""

    code: str
    name: str


def _sheet_name(grade: int) -> str:
    """高一 could be read as a person's name, so senior grades go by number."""
    return GRADE_WORDS[grade] if grade < 10 else f"Sheet{grade}"


def _send_school(
    office: Office, semester: Semester, sender: Sender, number: int, lines: pl.DataFrame
) -> list[pl.DataFrame]:
    form, dated, split = _habit(office, int(lines["school"][0]))
    # Shanghai rows are known by 身份证号 or the school's own 学号: a visitor without ID can't be written down.
    known = pl.col("idno").is_not_null() | pl.col("number").is_not_null()
    dressed = office.dress(lines)
    part = dressed.filter(known) if form == "shanghai" else dressed
    layout: Layout = FORMS[form].extended(CHECK_DATE) if dated else FORMS[form]
    standing = []
    for piece in [part] if dated else part.partition_by("late", maintain_order=True):
        late = bool(piece["late"][0]) and not dated
        label = f"视力筛查_第{number}次{'补测' if late else ''}"
        stem = label if dated else f"{compact(piece['check_date'][0])}_{label}"
        grades = piece.partition_by("grade", maintain_order=True) if split and not late else [piece]
        batches = []
        for rows in grades:
            sheet = _sheet_name(int(rows["grade"][0])) if len(grades) > 1 else "Sheet1"
            own = f"{stem}_{sheet}" if len(grades) > 1 else stem
            text = render(rows, layout)
            batches.append(Batch("vision_check", semester.name, sender.code, own, layout, text, sender.name, sheet))
        if split == "sheets" and len(batches) > 1:
            masks = office.desk.deliver_together(batches, stem)
        else:
            masks = [office.desk.deliver(batch) for batch in batches]
        standing += [rows.filter(pl.Series(mask)) for rows, mask in zip(grades, masks, strict=True)]
    return [rows.select(lines.columns) for rows in standing]

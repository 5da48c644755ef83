"""Lets the region live through its school years and sends what is delivered in each."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.simulate.deliveries import Office, send_classes, send_register, send_rosters, send_vision
from orchestration.simulate.desk import Desk, Format
from orchestration.simulate.eyes import Eyes, semester_checks
from orchestration.simulate.persons import Register
from orchestration.simulate.population import Population
from orchestration.simulate.schools import choose_counties, invent_schools
from orchestration.simulate.terms import Semester, school_years
from orchestration.simulate.truth import Truth, current_roster
from orchestration.simulate.truth_pupils import vision_figures

BY_COUNTY_FROM = 200_000


@dataclass(frozen=True)
class Summary:
    """What was written."""

    pupils: int
    schools: int
    counties: int
    periods: tuple[str, ...]
    files: int
    rows: int
    rejects: int
    figures: int
    seconds: float


def simulate(
    out: Path,
    *,
    pupils: int,
    years: int = 3,
    until: str = "2024-2025",
    seed: int = 1,
    mess: float = 0.02,
    fmt: Format = "mixed",
    regions: Sequence[str] = ("nanyang",),
    counties: int | None = None,
    by_county: bool | None = None,
    progress: Callable[[str], None] | None = None,
) -> Summary:
    """Simulates a region and writes its deliveries to `out/inbox` and what must come out to `out/truth`.

    Args:
        out: folder; an `inbox` and a `truth` of an earlier simulation in it are replaced.
        pupils: pupils enrolled in the first autumn.
        years: school years.
        until: the last school year.
        seed: same seed and arguments, same bytes.
        mess: share of rows touched by dirt; 0 gives clean files.
        fmt: file kinds.
        regions: names of regions.
        counties: number of counties; None takes about one per 13,000 pupils.
        by_county: one file per county instead of one per school; None decides by size.
        progress: called with a line per step.
    """
    started = time.perf_counter()
    say = progress or (lambda _: None)
    for folder in ("inbox", "truth"):
        shutil.rmtree(out / folder, ignore_errors=True)
    first, *_ = span = school_years(until, years)
    areas = choose_counties(tuple(regions), pupils, counties)
    schools = invent_schools(seed, areas, pupils, first, years)
    desk = Desk(out, seed, mess, fmt)
    office = Office(seed, schools, desk, pupils >= BY_COUNTY_FROM if by_county is None else by_county)
    truth = Truth(schools)
    people, persons, eyes = Population.found(seed, schools, first), Register(seed), Eyes(seed)
    founders = people.size
    for year in span:
        if year > first:
            people.start_year(year)
        send_register(office, year)
        for semester in (Semester(year, 1), Semester(year, 2)):
            if not semester.autumn:
                people.start_spring(year)
            _semester(office, truth, people, persons, eyes, semester)
            say(f"{semester.name}: {desk.rows} rows in {len(desk.files)} files")
    figures = truth.figures()
    _write_truth(out, desk, figures)
    periods = tuple(f"{y}-{y + 1}" for y in span)
    return Summary(
        founders, len(schools), len(areas), periods, len(desk.files), desk.rows, len(desk.rejects), figures.height,
        time.perf_counter() - started,
    )  # fmt: skip


def _semester(
    office: Office, truth: Truth, people: Population, persons: Register, eyes: Eyes, semester: Semester
) -> None:
    no_vision = office.quiet("vision_check", semester.name)
    stays = people.live(semester, no_vision).frame
    persons.grow(people.sex, people.birth)
    eyes.grow(people.size)
    school_words = pl.DataFrame(
        {
            "school": np.arange(len(office.schools), dtype=np.int32),
            "school_code": [s.code for s in office.schools],
            "houses": [s.boarding for s in office.schools],
        }
    )
    known = persons.people
    number = (pl.col("number") + 1_000_000).cast(pl.String)
    full = (
        stays.join(known, on="pupil", maintain_order="left")
        .join(school_words, on="school", maintain_order="left")
        .with_columns(number_text=number, boards=pl.col("houses") & (pl.col("boarder") < 0.6))
    )
    roster = current_roster(
        send_rosters(office, semester, full).select(
            "pupil", "school", "grade", "status", "entered", "left", "sex", "birth"
        )
    )
    send_classes(office, semester, full)
    checks = semester_checks(office.seed, semester, stays, office.schools, eyes, no_vision)
    own = pl.when(pl.col("home") == pl.col("school")).then((pl.col("own_number") + 1_000_000).cast(pl.String))
    lines = (
        checks.join(known, on="pupil", maintain_order="left")
        .join(school_words, on="school", maintain_order="left")
        .with_columns(number=own, height=pl.lit(None, dtype=pl.Int32), weight=pl.lit(None, dtype=pl.Int32))
    )
    accepted = send_vision(office, semester, lines)
    vision_figures(truth, semester, roster, accepted.select(checks.columns))


def _write_truth(out: Path, desk: Desk, figures: pl.DataFrame) -> None:
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    figures.write_csv(folder / "figures.csv")
    rejects = ["path", "member", "sheet", "row_number", "rule", "column_name"]
    schema = {name: pl.Int64 if name == "row_number" else pl.String for name in rejects}
    pl.DataFrame(desk.rejects, schema=schema, orient="row").sort(rejects).write_csv(folder / "rejects.csv")
    states = pl.DataFrame(desk.files, schema={"path": pl.String, "state": pl.String}, orient="row")
    states.sort("path").write_csv(folder / "files.csv")

"""Lets the region live through its school years and sends what is delivered in each."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.bodies import Bodies, exam_days, exam_lines, fitness_days, fitness_lines
from orchestration.simulate.deliveries import (
    Office,
    class_sizes,
    send_classes,
    send_register,
    send_rosters,
    send_vision,
)
from orchestration.simulate.deliveries_forms import Supervision
from orchestration.simulate.deliveries_year import (
    eye_schools,
    send_exams,
    send_films,
    send_fitness,
    send_inspections,
    send_kitchens,
    send_strays,
)
from orchestration.simulate.desk import Desk, Format
from orchestration.simulate.eyes import Eyes, fitness_eyes, semester_checks
from orchestration.simulate.persons import Register
from orchestration.simulate.population import Population
from orchestration.simulate.schools import choose_counties, invent_schools
from orchestration.simulate.terms import Semester, school_years
from orchestration.simulate.truth import Truth, current_roster
from orchestration.simulate.truth_pupils import YearOfHealth, vision_figures, year_figures
from orchestration.simulate.truth_schools import film_figures, inspection_figures, kitchen_figures

Mask = npt.NDArray[np.bool_]
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
    people = Population.found(seed, schools, first)
    founders = people.size
    world = _World(office, truth, people, Register(seed), Eyes(seed), Bodies(seed), Supervision(office, first))
    office.dress = world.dress
    for year in span:
        if year > first:
            people.start_year(year)
        world.live_year(year, say)
    world.finish()
    figures = truth.figures()
    _write_truth(out, desk, figures)
    periods = tuple(f"{y}-{y + 1}" for y in span)
    return Summary(
        founders, len(schools), len(areas), periods, len(desk.files), desk.rows, len(desk.rejects), figures.height,
        time.perf_counter() - started,
    )  # fmt: skip


@dataclass
class _World:
    """The living region and what its deliveries have left so far."""

    office: Office
    truth: Truth
    people: Population
    persons: Register
    eyes: Eyes
    bodies: Bodies
    supervision: Supervision
    inspected: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def words(self) -> pl.DataFrame:
        """Code and name of each school."""
        schools = self.office.schools
        return pl.DataFrame(
            {
                "school": np.arange(len(schools), dtype=np.int32),
                "school_code": [s.code for s in schools],
                "school_name": [s.name for s in schools],
                "houses": [s.boarding for s in schools],
            }
        )

    def live_year(self, year: int, say: Callable[[str], None]) -> None:
        """One school year, from the register to the last figure."""
        office, desk, period = self.office, self.office.desk, f"{year}-{year + 1}"
        send_register(office, year)
        silent = {feed: office.quiet(feed, period) for feed in ("physical_exam", "fitness_test")}
        days = exam_days(office.seed, year, len(office.schools))
        exams, checked, vision_schools = [], [], []
        fitness = roster = pl.DataFrame()
        seats = np.zeros(0, np.int32)
        for semester in (Semester(year, 1), Semester(year, 2)):
            if not semester.autumn:
                self.people.start_spring(year)
            no_vision = office.quiet("vision_check", semester.name)
            stays, known, current = self._enrol(semester, no_vision | silent["physical_exam"] | silent["fitness_test"])
            if semester.autumn:
                roster, seats = current, self.people.school.copy()
            checks = semester_checks(office.seed, semester, stays, office.schools, self.eyes, no_vision)
            accepted = send_vision(office, semester, checks)
            shut = np.array([s.closes is not None and s.closes < semester.closes for s in office.schools])
            lines = exam_lines(office.seed, semester, known, self.bodies, days, silent["physical_exam"] | shut)
            # Who sat at a school that sends no examination in the autumn is not in another school's sheet in spring.
            seat = np.append(seats, np.full(max(0, self.people.size - len(seats)), -1, np.int32))[
                lines["pupil"].to_numpy()
            ]
            lines = lines.filter(pl.Series(~(silent["physical_exam"][seat] & (seat >= 0))))
            exams.append(send_exams(office, semester, lines))
            if semester.autumn:
                test_days = fitness_days(office.seed, year, len(office.schools))
                lines = fitness_lines(
                    office.seed, semester, known, self.bodies, test_days, silent["fitness_test"] | shut
                )
                with_block = eye_schools(office, no_vision)
                lines = fitness_eyes(office.seed, semester, lines, checks, self.eyes, with_block)
                fitness = send_fitness(office, semester, lines)
                accepted = pl.concat([accepted, _as_checks(fitness, with_block)], how="diagonal")
            checked.append(vision_figures(self.truth, semester, current, accepted))
            vision_schools.append(accepted.get_column("school"))
            say(f"{semester.name}: {desk.rows} rows in {len(desk.files)} files")
        both = pl.concat(checked).unique()
        schools = pl.concat(vision_schools).unique()
        year_figures(self.truth, YearOfHealth(year, roster, pl.concat(exams), fitness, both, schools))
        self.inspected[period] = send_inspections(office, year, self.words)
        kitchen_figures(self.truth, period, send_kitchens(office, year, self.words))
        send_strays(office, year)

    def finish(self) -> None:
        """Figures that need all years: whether a deadline has passed is judged by the last day any inspection speaks of."""
        days = [
            frame.select(pl.max_horizontal(pl.col("on").max(), pl.col("again").max())).item()
            for frame in self.inspected.values()
        ]
        horizon = max((d for d in days if d is not None), default=0)
        for period, items in self.inspected.items():
            inspection_figures(self.truth, period, items, horizon)

    def _enrol(self, semester: Semester, closed_to_movers: Mask) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Rosters, class rosters and films; returns the stays, the same with persons, and the current roster."""
        office = self.office
        stays = self.people.live(semester, closed_to_movers).frame
        self.persons.grow(self.people.sex, self.people.birth)
        self.eyes.grow(self.people.size)
        self.bodies.grow(self.people.size)
        known = stays.join(self.persons.people.select("pupil", "sex", "birth"), on="pupil", maintain_order="left")
        columns = ["pupil", "school", "grade", "status", "entered", "left", "sex", "birth"]
        current = current_roster(send_rosters(office, semester, known).select(columns))
        real = class_sizes(known)
        classes = send_classes(office, semester, real)
        if semester.autumn:
            self.supervision.send_year(semester.year, real, self.truth)
        films = send_films(office, semester, real, self.words)
        film_figures(self.truth, semester.name, classes.select("school", "grade", "klass", "pupils"), films)
        return stays, known, current

    def dress(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Adds what a sheet says about school and, where the rows are about pupils, person."""
        rows = rows.join(self.words, on="school", maintain_order="left")
        if "pupil" not in rows.columns:
            return rows
        persons = self.persons.people.select("pupil", pl.exclude("pupil", *rows.columns))
        number = (pl.col("own_number" if "own_number" in rows.columns else "number") + 1_000_000).cast(pl.String)
        if "home" in rows.columns:
            # A visitor's 学号 means nothing at the school that checks him.
            number = pl.when(pl.col("home") == pl.col("school")).then(number)
        return rows.join(persons, on="pupil", maintain_order="left").with_columns(
            number=number, boards=pl.col("houses") & (pl.col("boarder") < 0.6)
        )


def _as_checks(fitness: pl.DataFrame, schools: Mask) -> pl.DataFrame:
    """The eye blocks of fitness sheets as vision checks."""
    block = fitness.filter(pl.Series(schools)[fitness["school"].to_numpy()])
    return block.select("pupil", "school", "grade", "klass", "va_r", "va_l", check_date=pl.col("on"))


def _write_truth(out: Path, desk: Desk, figures: pl.DataFrame) -> None:
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    figures.write_csv(folder / "figures.csv")
    rejects = ["path", "member", "sheet", "row_number", "rule", "column_name"]
    schema = {name: pl.Int64 if name == "row_number" else pl.String for name in rejects}
    pl.DataFrame(desk.rejects, schema=schema, orient="row").sort(rejects).write_csv(folder / "rejects.csv")
    states = pl.DataFrame(desk.files, schema={"path": pl.String, "state": pl.String}, orient="row")
    states.sort("path").write_csv(folder / "files.csv")

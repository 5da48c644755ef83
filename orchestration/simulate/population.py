"""The pupils of the region and where they are in each semester: intake, promotion, transfers, leaving.

All state is columnar (one numpy entry per pupil who ever lived in this world), so 1.45 million pupils fit in about 100 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School, grade_table
from orchestration.simulate.terms import Semester, day

Ints = npt.NDArray[np.int32]

STATUS = ("在读", "休学", "借读", "送教上门", "转出")
STUDYING, SUSPENDED, GUEST, HOME_TAUGHT, GONE = range(5)


@dataclass
class Stay:
    """Rows of one semester's rosters: who was at which school from when to when.

    `update` marks rows that only the roster of changes at the end of the semester carries; `told` is false where the old school
    never reported that the pupil left.
    """

    frame: pl.DataFrame


@dataclass
class Population:
    """Every pupil ever seen, with traits that stay and a place that moves."""

    seed: int
    schools: list[School]
    table: npt.NDArray[np.float64]
    sex: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    birth: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    school: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    grade: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    klass: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    entered: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    status: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    number: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    county: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    next_number: Ints = field(default_factory=lambda: np.zeros(0, np.int32))

    @classmethod
    def found(cls, seed: int, schools: list[School], year: int) -> Population:
        """Fills every grade of every school for the first autumn."""
        people = cls(seed, schools, grade_table(schools), next_number=np.zeros(len(schools), np.int32))
        codes = sorted({s.county.code for s in schools})
        people.county = np.array([codes.index(s.county.code) for s in schools], np.int32)
        rng = stream(seed, "population", year)
        for grade in range(1, 13):
            sizes = np.round(people.table[:, grade] * rng.uniform(0.92, 1.08, len(schools))).astype(np.int32)
            people._newcomers(rng, np.repeat(np.arange(len(schools), dtype=np.int32), sizes), grade, year)
        present = people.school >= 0
        first = np.array([s.grades.start for s in schools], np.int32)[people.school]
        years_here = np.minimum(people.grade - first, 6)
        entered = np.array([day(year - back, 9, 1) for back in range(7)], np.int32)
        people.entered = np.where(present, entered[years_here], people.entered).astype(np.int32)
        people._settle(rng)
        return people

    @property
    def size(self) -> int:
        """Pupils who ever lived in this world."""
        return len(self.sex)

    def _newcomers(
        self, rng: Rng, school: Ints, grade: int | Ints, year: int, entered: int | Ints | None = None
    ) -> Ints:
        """Adds pupils from outside the region and returns their indexes."""
        count = len(school)
        grades = np.broadcast_to(np.asarray(grade, np.int32), (count,))
        # Six by 31 August of the year of entry; one in fifty of the first graders is let in a little early.
        oldest = np.array([day(year - 6 - g, 9, 1) for g in range(13)], np.int32)[grades]
        birth = oldest + rng.integers(0, 365, count) + np.where((grades == 1) & (rng.random(count) < 0.02), 60, 0)
        birth = birth - np.where(rng.random(count) < 0.03, 365, 0)
        start = len(self.sex)
        when = day(year, 9, 1) if entered is None else entered
        blank = np.zeros(count, np.int32)
        self.sex = np.concatenate([self.sex, (rng.random(count) < 0.47).astype(np.int32)])
        self.birth = np.concatenate([self.birth, birth.astype(np.int32)])
        self.school = np.concatenate([self.school, school.astype(np.int32)])
        self.grade = np.concatenate([self.grade, grades])
        self.klass = np.concatenate([self.klass, blank])
        self.entered = np.concatenate([self.entered, np.broadcast_to(np.asarray(when, np.int32), (count,))])
        self.status = np.concatenate([self.status, blank])
        self.number = np.concatenate([self.number, blank])
        added = np.arange(start, start + count, dtype=np.int32)
        self._enrol(added)
        return added

    def _enrol(self, who: Ints) -> None:
        """Gives pupils the next free 学号 of their school."""
        if not len(who):
            return
        order = who[np.argsort(self.school[who], kind="stable")]
        school = self.school[order]
        rank = np.arange(len(order)) - np.searchsorted(school, school)
        self.number[order] = self.next_number[school] + rank + 1
        self.next_number += np.bincount(school, minlength=len(self.schools)).astype(np.int32)

    def _settle(self, rng: Rng) -> None:
        """Deals the pupils without a class (class 0) to classes of their grade; the number of classes follows the size."""
        here = np.flatnonzero(self.school >= 0)
        cell = self.school[here] * 16 + self.grade[here]
        size = np.bincount(cell, minlength=len(self.schools) * 16)
        class_size = np.repeat([s.class_size for s in self.schools], 16)
        classes = np.maximum(1, -(-size // class_size))
        lost = self.klass[here] > classes[cell]
        fresh = here[(self.klass[here] == 0) | lost]
        order = rng.permutation(fresh)
        cells = self.school[order] * 16 + self.grade[order]
        order = order[np.argsort(cells, kind="stable")]
        cells = self.school[order] * 16 + self.grade[order]
        rank = np.arange(len(order)) - np.searchsorted(cells, cells)
        self.klass[order] = (rank % classes[cells] + 1).astype(np.int32)

    def start_year(self, year: int) -> None:
        """Promotes everybody, moves the leavers of each stage on, and takes in the new first graders."""
        rng = stream(self.seed, "population", year)
        here = self.school >= 0
        self.grade = np.where(here, self.grade + 1, self.grade).astype(np.int32)
        self.status = np.where(self.status == SUSPENDED, STUDYING, self.status).astype(np.int32)
        last = np.array([s.grades.stop - 1 for s in self.schools], np.int32)
        open_here = np.array([s.closes is None or s.closes > day(year, 9, 1) for s in self.schools])
        heir = np.array([s.heir if s.heir >= 0 else s.parent for s in self.schools], np.int32)
        leaving = here & ((self.grade > last[self.school]) | ~open_here[self.school])
        up = np.flatnonzero(leaving).astype(np.int32)
        to_parent = up[heir[self.school[up]] >= 0]
        self._place(to_parent, heir[self.school[to_parent]], day(year, 9, 1))
        self._next_stage(rng, np.setdiff1d(up, to_parent).astype(np.int32), year)
        for grade in sorted({s.grades.start for s in self.schools}):
            wanted = np.where(open_here, self.table[:, grade] * rng.uniform(0.92, 1.08, len(self.schools)), 0)
            starts = np.array([s.grades.start == grade for s in self.schools])
            have = np.bincount(self.school[(self.school >= 0) & (self.grade == grade)], minlength=len(self.schools))
            missing = np.where(starts, np.maximum(0, np.round(wanted) - have), 0).astype(np.int32)
            if grade > 1:
                missing = (missing * 0.5).astype(np.int32)
            self._newcomers(rng, np.repeat(np.arange(len(self.schools), dtype=np.int32), missing), grade, year)
        self._settle(rng)
        self._move_between(rng, day(year, 9, 1))

    def start_spring(self, year: int) -> None:
        """Transfers of the winter break."""
        rng = stream(self.seed, "population", year, "spring")
        heir = np.array(
            [s.heir if s.closes is not None and s.closes < day(year + 1, 2, 16) else -1 for s in self.schools]
        )
        orphans = np.flatnonzero((self.school >= 0) & (heir[self.school] >= 0)).astype(np.int32)
        self._place(orphans, heir[self.school[orphans]].astype(np.int32), day(year + 1, 2, 16))
        self._move_between(rng, day(year + 1, 2, 16))

    def _place(self, who: Ints, school: Ints, entered: int) -> None:
        self.school[who] = school
        self.entered[who] = entered
        self.klass[who] = 0
        self.status[who] = STUDYING
        self._enrol(who)

    def _next_stage(self, rng: Rng, who: Ints, year: int) -> None:
        """Deals primary leavers to junior schools and junior leavers to senior schools of their county; the rest leave."""
        for grade in (7, 10):
            for code in np.unique(self.county):
                pool = who[(self.grade[who] == grade) & (self.county[self.school[who]] == code)]
                pool = rng.permutation(pool)
                quota = np.where(self.county == code, self.table[:, grade], 0.0)
                starts = np.array([s.grades.start == grade for s in self.schools])
                quota = np.where(starts, quota, 0.0)
                seats = np.repeat(np.arange(len(self.schools), dtype=np.int32), np.round(quota * 1.04).astype(np.int32))
                seats = rng.permutation(seats)[: len(pool)]
                self._place(pool[: len(seats)], seats, day(year, 9, 1))
        rest = who[(self.grade[who] > 12) | (self.entered[who] != day(year, 9, 1))]
        self.school[rest] = -1

    def _targets(self, rng: Rng, who: Ints) -> Ints:
        """Another school for each pupil that teaches the grade, four times in five in the same county; -1 where there is none."""
        result = np.full(len(who), -1, np.int32)
        abroad = rng.random(len(who)) < 0.2
        open_now = np.array([s.closes is None for s in self.schools])
        for grade in np.unique(self.grade[who]):
            weight = np.where(open_now, self.table[:, grade], 0.0)
            for code in (-1, *np.unique(self.county)):
                local = weight if code == -1 else np.where(self.county == code, weight, 0.0)
                chosen = (self.grade[who] == grade) & (
                    abroad if code == -1 else ~abroad & (self.county[self.school[who]] == code)
                )
                if local.sum() > 0 and chosen.any():
                    result[chosen] = rng.choice(len(self.schools), size=int(chosen.sum()), p=local / local.sum())
        return np.where(result == self.school[who], -1, result).astype(np.int32)

    def _move_between(self, rng: Rng, when: int) -> None:
        here = np.flatnonzero(self.school >= 0).astype(np.int32)
        movers = here[rng.random(len(here)) < 0.008]
        targets = self._targets(rng, movers)
        self._place(movers[targets >= 0], targets[targets >= 0], when)
        leavers = here[rng.random(len(here)) < 0.003]
        self.school[leavers] = -1
        here = np.flatnonzero(self.school >= 0).astype(np.int32)
        ordinary = here[self.status[here] == STUDYING]
        draw = rng.random(len(ordinary))
        for status, low, high in (
            (SUSPENDED, 0.0, 0.003),
            (GUEST, 0.003, 0.008),
            (HOME_TAUGHT, 0.008, 0.0095),
        ):
            self.status[ordinary[(draw >= low) & (draw < high)]] = status
        self._settle(rng)

    def live(self, semester: Semester, quiet: npt.NDArray[np.bool_]) -> Stay:
        """Lets one semester pass and returns its stays; the state afterwards is that of the last teaching day.

        Args:
            semester: the semester.
            quiet: schools nobody moves to (those that will deliver nothing this semester).
        """
        rng = stream(self.seed, "population", semester.name, "events")
        here = np.flatnonzero(self.school >= 0).astype(np.int32)
        main = self._rows(here, left=None, update=False)
        draw = rng.random(len(here))
        closing = np.array([s.closes is not None for s in self.schools])
        ordinary = (
            (self.status[here] == STUDYING)
            & (self.entered[here] <= semester.first_snapshot)
            & ~closing[self.school[here]]
        )
        movers, leavers = here[ordinary & (draw < 0.006)], here[ordinary & (draw >= 0.006) & (draw < 0.011)]
        targets = self._targets(rng, movers)
        able = (targets >= 0) & ~quiet[targets] & ~closing[targets]
        movers, targets = movers[able], targets[able]
        window = semester.first_snapshot + 2, semester.closes - 7
        gone = rng.integers(*window, len(movers)).astype(np.int32)
        told = rng.random(len(movers)) < 0.85
        parts = [main, self._rows(movers[told], gone[told], True, rng.random(int(told.sum())) < 0.9)]
        # Every other school writes the date of leaving and forgets the status.
        marked = rng.random(len(leavers)) < 0.5
        parts.append(self._rows(leavers, rng.integers(*window, len(leavers)).astype(np.int32), True, marked))
        away = parts[1:]
        self._place(movers, targets, 0)
        self.entered[movers] = gone + rng.integers(1, 6, len(movers)).astype(np.int32)
        self.school[leavers] = -1
        count = max(1, int(len(here) * 0.003))
        homes = self.school[rng.choice(here, count)]
        homes = homes[(homes >= 0)]
        homes = homes[~quiet[homes] & ~closing[homes]]
        grades = np.array(
            [rng.integers(self.schools[s].grades.start, self.schools[s].grades.stop) for s in homes], np.int32
        )
        days = rng.integers(*window, len(homes)).astype(np.int32)
        fresh = self._newcomers(rng, homes.astype(np.int32), grades, semester.year, days)
        self._settle(rng)
        parts.append(self._rows(np.concatenate([movers, fresh]).astype(np.int32), left=None, update=True))
        frame = pl.concat(parts)
        ends = pl.concat([*away, self._rows_silent(movers[~told], gone[~told], main)])
        ends = ends.select("pupil", "school", pl.col("left").alias("until"))
        # `until` is what happened, `left` what the roster says: a school that forgets to report keeps the pupil on paper.
        return Stay(frame.join(ends, on=["pupil", "school"], how="left", maintain_order="left"))

    def _rows(
        self, who: Ints, left: Ints | None, update: bool, marked: npt.NDArray[np.bool_] | None = None
    ) -> pl.DataFrame:
        status = self.status[who]
        if left is not None:
            status = np.where(True if marked is None else marked, GONE, status).astype(np.int32)
        return pl.DataFrame(
            {
                "pupil": who.astype(np.int32), "school": self.school[who], "grade": self.grade[who].astype(np.int8),
                "klass": self.klass[who].astype(np.int8), "number": self.number[who], "status": status.astype(np.int8),
                "entered": self.entered[who], "left": pl.Series(left, dtype=pl.Int32) if left is not None
                else pl.Series([None], dtype=pl.Int32).new_from_index(0, len(who)),
                "update": np.full(len(who), update),
            }
        )  # fmt: skip

    @staticmethod
    def _rows_silent(who: Ints, left: Ints, main: pl.DataFrame) -> pl.DataFrame:
        silent = pl.DataFrame({"pupil": who, "gone": left})
        return main.join(silent, on="pupil").with_columns(left=pl.col("gone")).drop("gone")

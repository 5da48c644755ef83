"""Which periods must be built again: compares base/ with what the build database recorded, and closes over what depends.

The result goes to `base/_touched.parquet`, which the incremental models read, and stays there until the build that it was
made for is finished: a killed build leaves it behind, and the next `prepare` takes it up again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from orchestration.config import Home
from orchestration.warehouse.fingerprints import (
    FEEDS,
    Partition,
    base_fingerprints,
    code_fingerprint,
    readable_feeds,
)

_BUSY = "建仓数据库正被另一个程序打开，请先关闭它再试。 (Another process holds the build database.)"

CODE_PARTITION: Partition = ("_code", "")
_RECORDED = "select feed, period, fingerprint from main.built_partitions"
# These count pupils, so they hang on the roster of the year.
_ROSTER_DEPENDENTS = ("student_roster", "vision_check", "physical_exam", "fitness_test")
# What these say is carried into later school years: until a document expires, from a certification on, as the year before.
_CARRIED_ON = ("commitment_evidence", "county_certification", "school_form")


class WarehouseBusy(Exception):
    """Another process holds the build database; nothing is wrong with it."""


@dataclass(frozen=True)
class Touched:
    """What a build has to do.

    Attributes:
        partitions: the (feed, period) to build again, closed over dependents; all of them when `full_refresh`.
        changed: the (feed, period) whose base file itself is new, changed or gone.
        full_refresh: whether everything is built from nothing.
        reason: why, in a sentence for the log.
    """

    partitions: frozenset[Partition]
    changed: frozenset[Partition]
    full_refresh: bool
    reason: str

    @property
    def nothing(self) -> bool:
        """True when the build database already holds exactly this."""
        return not self.full_refresh and not self.changed and not self.partitions


def touched_path(home: Home) -> Path:
    """The control file the incremental models read."""
    return home.base / "_touched.parquet"


def fingerprints_path(home: Home) -> Path:
    """What the last model of the build records as built."""
    return home.base / "_fingerprints" / "fingerprints.parquet"


def prepare(home: Home) -> Touched:
    """Finds out what changed since the last finished build and writes the control files for the next one."""
    for folder in (home.warehouse, home.base, home.dbt_target, fingerprints_path(home).parent):
        folder.mkdir(parents=True, exist_ok=True)
    present = base_fingerprints(home.base)
    code = code_fingerprint(home.base, readable_feeds(home.base))
    recorded, why_full = _recorded(home)
    if not why_full and recorded.get(CODE_PARTITION) != code:
        why_full = "模型或口径有改动，全部重算。 (The models changed.)"
    known = {key: value for key, value in recorded.items() if key != CODE_PARTITION}
    changed = frozenset(key for key in present.keys() | known.keys() if present.get(key) != known.get(key))
    left_over = _read_touched(home)
    everything = {key for key in present.keys() | known.keys() if key[0] in FEEDS} | left_over
    if why_full:
        partitions = frozenset(everything)
    else:
        partitions = frozenset(closure(changed | left_over, everything))
    _write(touched_path(home), ("feed", "period"), sorted(partitions))
    _write(
        fingerprints_path(home),
        ("feed", "period", "fingerprint"),
        sorted((*key, value) for key, value in (present | {CODE_PARTITION: code}).items()),
    )
    reason = why_full or f"{len(changed)} 个数据分区有变化，重算 {len(partitions)} 个。"
    return Touched(partitions, changed, bool(why_full), reason)


def is_built(home: Home) -> bool:
    """Whether the build database holds exactly what lies in base/, by the models of today."""
    recorded, why_full = _recorded(home)
    code = code_fingerprint(home.base, readable_feeds(home.base))
    return (
        not why_full
        and not touched_path(home).exists()
        and recorded == base_fingerprints(home.base) | {CODE_PARTITION: code}
    )


def closure(changed: Iterable[Partition], everything: Iterable[Partition]) -> set[Partition]:
    """The changed partitions and all that hang on them.

    A roster links tokens and answers for pupils in its whole school year, so every pupil feed of that year is built
    again. The school register decides who belongs where in all years. Whether a finding is due is judged by the last
    date of all inspections, so inspections are built as a whole. A semester's vision is compared with that of the same
    semester a year before, so what touches the one touches the other. Documents, certifications and forms are looked back
    to from the years after theirs.
    """
    feeds = {key for key in changed if key[0] in FEEDS}
    known = set(everything) | feeds
    if any(feed == "school_register" for feed, _ in feeds):
        return known
    closed = set(feeds)
    for year in {period[:9] for feed, period in feeds if feed == "student_roster"}:
        closed |= {key for key in known if key[0] in _ROSTER_DEPENDENTS and key[1][:9] == year}
        # Both semesters' rosters link each other's tokens, even when one has no file any more.
        closed |= {("student_roster", f"{year}-1"), ("student_roster", f"{year}-2")}
    if any(feed == "food_inspection" for feed, _ in feeds):
        closed |= {key for key in known if key[0] == "food_inspection"}
    closed |= {("vision_check", _year_after(period)) for feed, period in closed if feed == "vision_check"} & known
    years = {period[:9] for _, period in known}
    closed |= {(feed, year) for feed, period in feeds if feed in _CARRIED_ON for year in years if year > period}
    return closed


def _year_after(period: str) -> str:
    """The same semester of the next school year: 2024-2025-1 is followed by 2025-2026-1."""
    return f"{int(period[:4]) + 1}-{int(period[5:9]) + 1}{period[9:]}"


def finish(home: Home) -> None:
    """Called when marts and records are written: nothing is pending any more."""
    touched_path(home).unlink(missing_ok=True)
    fingerprints_path(home).unlink(missing_ok=True)


def _recorded(home: Home) -> tuple[dict[Partition, str], str]:
    """What the build database says it was built from, or why everything must be built again."""
    if not home.build_db.exists():
        return {}, "尚无建仓结果，全部新建。 (No build yet.)"
    try:
        with duckdb.connect(str(home.build_db), read_only=True) as connection:
            rows = connection.execute(_RECORDED).fetchall()
    except duckdb.CatalogException:
        return {}, "上次建仓没有完成，全部重算。 (The last build did not finish.)"
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise WarehouseBusy(_BUSY) from None
        _move_aside(home.build_db)
        return {}, "建仓数据库已损坏，移到一旁，全部重算。 (The build database was damaged and moved aside.)"
    return {(feed, period): fingerprint for feed, period, fingerprint in rows}, ""


def set_aside(home: Home) -> None:
    """Takes the build database away so that all is built again: moved aside, or removed where a build was cut off in it."""
    if touched_path(home).exists():
        home.build_db.unlink(missing_ok=True)
        home.build_db.with_name(home.build_db.name + ".wal").unlink(missing_ok=True)
    else:
        _move_aside(home.build_db)


def _move_aside(database: Path) -> None:
    number = 1
    while (aside := database.with_name(f"{database.name}.damaged-{number}")).exists():
        number += 1
    database.replace(aside)
    wal = database.with_name(database.name + ".wal")
    if wal.exists():
        wal.replace(aside.with_name(aside.name + ".wal"))


def _read_touched(home: Home) -> set[Partition]:
    path = touched_path(home)
    if not path.exists():
        return set()
    return set(pl.read_parquet(path).select("feed", "period").iter_rows())


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Writes a small control table whole or not at all."""
    part = path.with_name(path.name + ".part")
    pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").write_parquet(part)
    part.replace(path)

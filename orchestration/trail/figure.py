"""A figure id and all that the tables of its data version say of it: value, target with its clause, whether an edition shows it."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.config import ConfigError, Home
from orchestration.disclosure.thresholds import read_thresholds
from orchestration.ledger import Event, Ledger
from orchestration.release.history import EDITIONS, KIND, folder_of
from orchestration.release.manifest import MANIFEST
from orchestration.warehouse.export import read_current

_NEAR = 5


@dataclass(frozen=True)
class Standpoint:
    """The data version an answer is about, and the release it was published as (none: the version built last)."""

    version: str
    release: str | None = None
    event: Event | None = None

    def tables(self, home: Home) -> Path:
        """Folder of its inner tables."""
        return home.marts / self.version

    def manifest(self, home: Home) -> dict[str, Any]:
        """The signed manifest of its internal edition; empty when nothing was released or the file is gone."""
        if self.event is None:
            return {}
        body = self.event.body
        path = folder_of(home, EDITIONS[0], body["year"], body["release"]) / MANIFEST
        found: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
        return found


def standpoint(home: Home, release: str | None = None) -> Standpoint:
    """The named release (`2024-2025/r1`), or what was built last.

    Raises:
        ConfigError: there is no such release, or nothing is built, or its tables are gone.
    """
    if release is None:
        built = read_current(home).get("built")
        found = Standpoint(str(built)) if built else None
        missing = "还没有建成的数据，请先运行 junheng run。 (Nothing is built yet.)"
    else:
        every = Ledger(home.ledger_path).events(KIND)
        events = [e for e in every if f"{e.body['year']}/{e.body['release']}" == release]
        found = Standpoint(events[-1].body["data_version"], release, events[-1]) if events else None
        known = "、".join(f"{e.body['year']}/{e.body['release']}" for e in every[-8:]) or "无"
        missing = f"没有这个发布：{release}（应写作 2024-2025/r1）。已有：{known}。 (No such release.)"
    if found is None:
        raise ConfigError(missing)
    if not found.tables(home).is_dir():
        raise ConfigError(
            f"数据版本 {found.version} 的表不在 marts 下，请先运行 junheng verify。 (Its tables are gone.)"
        )
    return found


@dataclass(frozen=True)
class Figure:
    """A row of `indicator_values` with its line of the catalogue.

    `withheld`: no edition shows its numbers. `tail`: every edition says only that the share lies at an end (`le5`, `ge95`).
    """

    row: dict[str, Any]
    catalogue: dict[str, Any]
    target: dict[str, Any] | None
    entity_name: str
    county: str
    withheld: bool
    tail: str | None = None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["row"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def school_year(self) -> str:
        """The school year its period lies in."""
        return str(self.row["period"])[:9]

    @property
    def feeds(self) -> list[str]:
        """What it is counted from, by the catalogue."""
        return str(self.catalogue["feeds"]).split("|")


def find(home: Home, at: Standpoint, figure_id: str) -> Figure:
    """Looks a figure up in the tables of a data version.

    Raises:
        ConfigError: it has no such figure; the message names the nearest ones.
    """
    folder = at.tables(home)
    values = pl.scan_parquet(folder / "indicator_values.parquet")
    found = values.filter(pl.col("figure_id") == figure_id).collect()
    if found.is_empty():
        raise ConfigError(_unknown(values, figure_id))
    row = found.row(0, named=True)
    catalogue = _one(folder, "indicators", pl.col("code") == row["indicator"])
    target = _one(folder, "targets", pl.col("target_id") == row["target_id"]) if row["target_id"] else None
    name, county = _place(folder, row)
    return Figure(row, catalogue or {}, target, name, county, *_control(folder, row, catalogue or {}))


def _one(folder: Path, table: str, condition: pl.Expr) -> dict[str, Any] | None:
    found = pl.scan_parquet(folder / f"{table}.parquet").filter(condition).head(1).collect()
    return found.row(0, named=True) if found.height else None


def _place(folder: Path, row: dict[str, Any]) -> tuple[str, str]:
    """Name of the entity and the county it lies in (a city lies in none)."""
    if row["level"] == "school":
        school = _one(
            folder, "schools", (pl.col("school") == row["entity"]) & (pl.col("period") == str(row["period"])[:9])
        )
        return (school["school_name"], school["county"]) if school else ("", "")
    area = _one(folder, "areas", pl.col("area") == row["entity"])
    return (area["name"] if area else "", row["entity"] if row["level"] == "county" else "")


def _control(folder: Path, row: dict[str, Any], catalogue: dict[str, Any]) -> tuple[bool, str | None]:
    """Whether it is withheld and its tail, as the internal edition decided; where it was not made yet, its first rule: too few pupils."""
    path = folder / "controlled" / EDITIONS[0] / "indicator_values.parquet"
    if path.is_file():
        shown = pl.scan_parquet(path).filter(pl.col("figure_id") == row["figure_id"])
        found = shown.select("status", "value_text_rule").collect()
        return (True, None) if found.is_empty() or found.item(0, 0) == "suppressed" else (False, found.item(0, 1))
    few = 0 < (row["denominator"] or 0) < read_thresholds().minimum_pupils
    return few and catalogue.get("counted_unit") == "pupil", None


def _unknown(values: pl.LazyFrame, figure_id: str) -> str:
    code, _, rest = figure_id.partition(".")
    known = values.select(pl.col("indicator").unique().sort()).collect()["indicator"].to_list()
    alike = [code] if code in known else difflib.get_close_matches(code, known, 3, 0.5)
    ids = values.filter(pl.col("indicator").is_in(alike)).select(pl.col("figure_id").sort()).collect()["figure_id"]
    wanted = figure_id if code in known else f"{alike[0]}.{rest}" if alike else figure_id
    near = difflib.get_close_matches(wanted, ids.to_list(), _NEAR, 0.5) or ids.head(_NEAR).to_list()
    told = "相近的有：" + "、".join(near) if near else "编号形如 poor_vision.2024-2025-1.county.411302.primary.all"
    return f"没有这个数字：{figure_id}。{told}。 (Unknown figure.)"
